import { cpSync, rmSync } from 'node:fs'
import { rolldown } from 'rolldown'

/**
 * Bundles the agent alone into one file, `switchyard-agent.js`, with its units and the licence beside it: all that its packages hold but
 * Node. CommonJS, because `import` of node:https reads its every export, which costs more than a check takes; what a command
 * does not need is not run, though it is in the file.
 * @param directory is made anew.
 */
export async function buildAgent(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true })
  const bundle = await rolldown({
    input: 'src/agent/main.ts',
    platform: 'node',
    transform: { target: 'node24' },
  })
  await bundle.write({
    file: `${directory}/switchyard-agent.js`,
    format: 'cjs',
    codeSplitting: false,
    comments: { legal: true, annotation: false, jsdoc: false },
  })
  await bundle.close()
  cpSync('src/agent/units', `${directory}/units`, { recursive: true })
  cpSync('LICENSE', `${directory}/LICENSE`)
}
