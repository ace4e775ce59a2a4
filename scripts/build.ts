/**
 * Bundles the command into dist/ (or the directory that is named), for publishing, benchmarks and tests: our sources and their packages in a few files, what a
 * command loads lazily in chunks of its own; in agent/ what it packs for hosts. openpgp stays a package beside the bundle (its licence is the LGPL).
 * The files are CommonJS: `import` of node:http reads its every export, the getters of which load undici, and takes
 * 30 ms; `require` does not. That is a quarter of a sync that finds nothing new.
 */
import { globSync } from 'node:fs'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { rolldown } from 'rolldown'
import { buildAgent } from './build-agent.ts'

const directory = process.argv[2] ?? 'dist'

/**
 * Runs before any module of ours is compiled: plain JavaScript, for whichever Node the machine has. Compiled code is kept
 * in a folder of the user's own, since Node's default lies in /tmp, where others could put theirs first.
 */
const launcher = `#!/usr/bin/env -S node --min-semi-space-size=4 --max-semi-space-size=4 --initial-old-space-size=64
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(\`switchyard: Node 24 or newer is needed, this is \${process.version}\`)
  process.exit(1)
}
const { emitWarning } = process
process.emitWarning = (warning, type, ...rest) => {
  if ((type?.type ?? type) !== 'ExperimentalWarning') emitWarning.call(process, warning, type, ...rest)
}
const { HOME, XDG_CACHE_HOME } = process.env
const cache = XDG_CACHE_HOME || (HOME && \`\${HOME}/.cache\`)
if (cache) require('node:module').enableCompileCache(\`\${cache}/switchyard\`)
require('./main.js')
`

await rm(directory, { recursive: true, force: true })
const bundle = await rolldown({
  input: ['src/cli/main.ts', ...globSync('src/**/*.worker.ts')],
  platform: 'node',
  external: ['openpgp', 'pg-native'],
  transform: { target: 'node24' },
  plugins: [
    {
      // A worker is a file of its own; in the bundle all files lie side by side.
      name: 'worker-urls',
      transform: (code: string) =>
        code.replace(/new URL\(\s*(['"])[./\w-]*?([\w-]+\.worker)\.ts\1/g, "new URL('./$2.js'"),
    },
  ],
})
await bundle.write({
  dir: directory,
  format: 'cjs',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  comments: { legal: true, annotation: false, jsdoc: false },
})
await bundle.close()
await buildAgent(`${directory}/agent`)
await writeFile(`${directory}/package.json`, '{ "type": "commonjs" }\n')
await writeFile(`${directory}/switchyard.js`, launcher)
await chmod(`${directory}/switchyard.js`, 0o755)
