import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { parseChannelReference } from '../../model/index.ts'
import type { Outcome, TrustedKey } from '../../trust/index.ts'
import { type Cli, printJson, withOpenYard, type YardOptions } from '../context.ts'
import { yardCommand } from '../yard-command.ts'

interface PeopleOptions extends YardOptions {
  keys: string[]
  threshold: number
  haltKeys?: string[]
  why?: string
}

const hardenExample = `
switchyard trust harden --keys ada.pub ben.pub eve.pub --threshold 2
switchyard trust harden --keys ada.pub ben.pub eve.pub --threshold 2 --halt-keys ada.pub oncall.pub`

export function hardenCommand(cli: Cli): Command {
  return yardCommand(
    'harden',
    'give the roles to people: so many of them sign from then on; no host enrols again',
    hardenExample,
    { local: true },
  )
    .requiredOption('--keys <file...>', "people's public keys; a file's name is its owner's")
    .requiredOption('--threshold <count>', 'so many of them must sign', thresholdOf)
    .option('--halt-keys <file...>', 'whose one signature stops channels (default: --keys)')
    .option('--why <text>', 'the reason, for the audit log')
    .action((options: PeopleOptions) =>
      withOpenYard(cli, options, async ({ statementKeys }) => {
        const [keys, halt] = await Promise.all([
          readKeys(cli, options.keys),
          options.haltKeys && readKeys(cli, options.haltKeys),
        ])
        const { threshold, why } = options
        showOutcome(cli, options, await statementKeys.harden({ keys, threshold }, { halt, why }))
      }),
    )
}

const assignExample = 'switchyard trust assign web/staging --keys ada.pub --threshold 1'

export function assignCommand(cli: Cli): Command {
  return yardCommand('assign', 'name the people who sign for a channel', assignExample, { local: true })
    .argument('<channel>', 'TRAIN/CHANNEL')
    .requiredOption('--keys <file...>', 'their public keys')
    .requiredOption('--threshold <count>', 'so many of them must sign', thresholdOf)
    .option('--why <text>', 'the reason, for the audit log')
    .action((channel: string, options: PeopleOptions) =>
      withOpenYard(cli, options, async ({ statementKeys }) => {
        const { threshold, why } = options
        const keys = await readKeys(cli, options.keys)
        const named = { ...parseChannelReference(channel), keys, threshold }
        showOutcome(cli, options, await statementKeys.assign(named, { why }))
      }),
    )
}

/** `trust keys rotate KEY`. */
export async function rotateStatementKey(
  cli: Cli,
  old: string,
  options: YardOptions & { with?: string; why?: string },
): Promise<void> {
  await withOpenYard(cli, options, async ({ statementKeys }) => {
    const next = options.with === undefined ? undefined : (await readKeys(cli, [options.with]))[0]
    const rotated = await statementKeys.rotate(old, { next, why: options.why })
    if (!options.json) {
      const { keyText } = await import('../../trust/index.ts')
      const made = rotated.file === undefined ? '' : `, made as ${rotated.file}`
      cli.out(`${keyText(rotated.next)}${made}, takes the place of ${keyText(rotated.old)}\n`)
    }
    showOutcome(cli, options, rotated)
  })
}

/** Public keys, each with its owner's name: that of the file. */
async function readKeys(cli: Cli, files: readonly string[]): Promise<TrustedKey[]> {
  const { basename, extname, resolve } = await import('node:path')
  const { readPublicKeyFile } = await import('../../trust/index.ts')
  return Promise.all(
    files.map(async file => ({
      ...(await readPublicKeyFile(resolve(cli.workingDirectory, file))),
      owner: basename(file, extname(file)),
    })),
  )
}

function showOutcome(cli: Cli, { json }: YardOptions, outcome: Outcome): void {
  const { published, staged } = outcome
  cli.setExitStatus(staged === undefined ? 0 : 4)
  if (json) printJson(cli, outcome)
  else if (staged !== undefined)
    cli.out(
      `change ${staged} waits for signatures: \`switchyard trust staged --out FILE\`, \`switchyard sign\`, \`switchyard trust submit\`\n`,
    )
  else cli.out(published === undefined ? 'nothing new\n' : `published, as timestamp ${published.timestamp}\n`)
}

function thresholdOf(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a number from 1 to 99.')
}
