import { type Command, Option } from 'commander'
import { type Halt, parseChannelReference, parseName, YardError } from '../../model/index.ts'
import type { StatementSigner } from '../../trust/pure.ts'
import { type Cli, printJson, withOpenYard, withYard, type YardOptions, yardDirectory } from '../context.ts'
import { passphraseOf } from '../passphrase.ts'
import { haltWords } from '../request-text.ts'
import { printable } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

interface StopOptions extends YardOptions {
  why: string
  who?: string
  key?: string
  passphraseFile?: string
  out?: string
}

const example = `
switchyard stop --why "disks fill" --key ada.pem                        # every channel
switchyard stop web/production --why "disks fill" --key ada.pem --out halt.json   # no yard, no network`

export function stopCommand(cli: Cli): Command {
  return yardCommand(
    'stop',
    'halt hosts: of channels, trains, or of the whole yard; it needs one key, and no server',
    example,
  )
    .argument('[scope...]', 'TRAIN/CHANNEL or TRAIN (default: every channel)')
    .requiredOption('--why <text>', 'the reason, which every host shows')
    .option('--who <name>', 'who stops them (default: the user of this process)')
    .option('--key <file>', "a key that may stop (default: the yard's own, where that may)")
    .addOption(new Option('--passphrase-file <file>', 'a file with its passphrase').hideHelp())
    .option('--out <file>', 'only write the halt, to be brought to a yard or to any place that hosts read')
    .action(async (scope: string[], options: StopOptions) => {
      for (const name of scope) name.includes('/') ? parseChannelReference(name) : parseName(name)
      const halt = await stop(cli, scope, options)
      if (options.json) printJson(cli, halt)
      else cli.out(haltWords(halt))
    })
}

async function stop(cli: Cli, scope: string[], options: StopOptions): Promise<Halt> {
  const { userInfo } = await import('node:os')
  const order = { scope, who: options.who ?? userInfo().username, why: options.why }
  const signer = await signerOf(cli, options)
  const isRemote =
    options.server !== undefined ||
    (options.yard === undefined && (cli.environment.SWITCHYARD_SERVER ?? '') !== '')
  if (options.out === undefined && !isRemote) return stopHere(cli, order, options, signer)
  if (signer === undefined)
    throw new YardError('usage', 'without a yard a key is needed; nothing was stopped', {
      hint: 'name it with --key',
    })
  const { makeHalt, writeDurably } = await import('../../trust/index.ts')
  const { haltsText } = await import('../../trust/pure.ts')
  const { halt, envelope } = makeHalt(order, 0, signer, Date.now())
  const text = haltsText([envelope])
  if (options.out === undefined)
    await withYard(cli, options, ({ yard }) => yard.submit(text, { why: options.why }))
  else {
    const { resolve } = await import('node:path')
    await writeDurably(resolve(cli.workingDirectory, options.out), text, 0o644)
  }
  return halt
}

async function signerOf(cli: Cli, { key, ...options }: StopOptions): Promise<StatementSigner | undefined> {
  if (key === undefined) return undefined
  const { resolve } = await import('node:path')
  const { loadKeyFile } = await import('../../trust/index.ts')
  const ask = passphraseOf(cli, options)
  return loadKeyFile(resolve(cli.workingDirectory, key), { passphrase: () => ask(`passphrase of ${key}: `) })
}

/** First the halt, then its line in the audit log: a log that cannot be written stops nobody from stopping. */
async function stopHere(
  cli: Cli,
  order: { scope: string[]; who: string; why: string },
  options: StopOptions,
  signer: StatementSigner | undefined,
): Promise<Halt> {
  const { stopChannels } = await import('../../yard/index.ts')
  const directory = await yardDirectory(cli, options)
  const halt = await stopChannels(directory, order, signer, Date.now())
  try {
    await withOpenYard(cli, { yard: directory }, open => open.auditHalt(halt))
  } catch (error) {
    const { messageOf } = await import('../../model/index.ts')
    cli.err(`warning: it is not in the audit log: ${printable(messageOf(error))}\n`)
  }
  return halt
}
