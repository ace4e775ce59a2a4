import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import type { AgentArchitecture, WrittenPackage } from '../../fleet/index.ts'
import { type Cli, printJson } from '../context.ts'
import { sizeText, tableText } from '../text.ts'

interface PackageOptions {
  out: string
  architecture: AgentArchitecture
  json?: boolean
}

const example = `
  switchyard agent package --out packages
  dpkg -i packages/switchyard-agent_0.1.0_amd64.deb     # on a Debian host; rpm -i on others`

/** `agent package`: what is installed on hosts. */
export function agentCommand(cli: Cli): Command {
  const pack = new Command('package')
    .summary("write the agent's packages")
    .description(
      "write the agent's packages: .deb and .rpm with a Node of its own, and light ones for hosts that have Node 24 or newer",
    )
    .requiredOption('--out <directory>', 'where to write them; made when it is not there')
    .addOption(
      new Option('--architecture <name>', 'of the hosts')
        .choices(['amd64', 'arm64'])
        .default(process.arch === 'arm64' ? 'arm64' : 'amd64'),
    )
    .option('--json', 'print JSON for programs')
    .addHelpText('after', `\nExample:${example}`)
    .action((options: PackageOptions) => writePackages(cli, options))
  return new Command('agent').description('the agent that runs on hosts').addCommand(pack)
}

async function writePackages(cli: Cli, { out, architecture, json }: PackageOptions): Promise<void> {
  const { packAgent } = await import('../../fleet/index.ts')
  const { readAgentParts, readBundledNode } = await import('../agent-parts.ts')
  const parts = await readAgentParts()
  const node = await readBundledNode(architecture)
  const directory = resolve(cli.workingDirectory, out)
  await mkdir(directory, { recursive: true })
  const written: WrittenPackage[] = []
  for (const form of [node, undefined])
    for (const file of await packAgent(parts, form)) {
      await replace(join(directory, file.fileName), file.bytes)
      written.push(file)
    }
  const rows = written.map(({ fileName, bytes }) => ({ file: join(directory, fileName), size: bytes.length }))
  if (json) printJson(cli, rows)
  else
    cli.out(
      tableText(
        rows.map(({ file, size }) => [file, sizeText(size)]),
        [1],
      ),
    )
}

/** Whoever reads the directory meanwhile finds whole packages. */
async function replace(file: string, bytes: Buffer): Promise<void> {
  await writeFile(`${file}.new`, bytes)
  await rename(`${file}.new`, file)
}
