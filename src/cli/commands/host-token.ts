import { type Command, Command as CommandGroup } from 'commander'
import type { HostTokenSummary } from '../../fleet/index.ts'
import { messageOf, parseHostId, parseName, timestampOf, YardError } from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { labelsOf, parseCount, parsePlace } from '../host-arguments.ts'
import { momentOf } from '../moment.ts'
import { printable, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

/** `host token create|ls|revoke`: which machines may become hosts. */
export function hostTokenCommand(cli: Cli): Command {
  return new CommandGroup('token')
    .summary('which machines may become hosts')
    .description('which machines may become hosts')
    .addCommand(createCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(revokeCommand(cli))
}

interface CreateOptions extends YardOptions {
  uses?: string
  expires?: string
  label?: string[]
  host?: string
  out?: string
  why?: string
}

const example = `
switchyard host token create db-7 web/production --label role=db --out db-7.enrol
switchyard host token create autumn-image web/production --uses 500 --expires 90d --out image.enrol
switchyard host token create db-7-anew --host 00112233445566778899aabbccddeeff --out db-7.enrol`

function createCommand(cli: Cli): Command {
  return yardCommand('create', 'make a token, and print the file by which a machine becomes a host', example)
    .argument('<name>', 'what the token is called in the audit log')
    .argument('[channel]', 'TRAIN/CHANNEL to which the hosts will belong')
    .option('--uses <count>', 'how many machines may become hosts by it (default: 1)')
    .option('--expires <moment>', '7d, or 20261121T064500Z (default: 24h)')
    .option('--label <label...>', 'LABEL=VALUE that the hosts will have')
    .option('--host <host>', 'only this host may enrol by it, anew, with another key')
    .option('--out <file>', 'make this file, for its owner alone (default: print it)')
    .option('--why <text>', 'the reason, for the audit log')
    .action((name: string, channel: string | undefined, options: CreateOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const { uses, expires, label, host, why } = options
        const write = await place(cli, options.out)
        const { file, summary } = await yard
          .createHostToken(parseName(name), {
            ...(channel === undefined ? {} : parsePlace(channel)),
            ...(label === undefined ? {} : { labels: labelsOf(label) }),
            ...(host === undefined ? {} : { host: parseHostId(host) }),
            ...(uses === undefined ? {} : { uses: parseCount(uses) }),
            ...(expires === undefined ? {} : { expiresAt: momentOf(expires, Date.now(), 'after') }),
            why,
          })
          .catch(async error => {
            await write.undo()
            throw error
          })
        await write.text(`${JSON.stringify(file, undefined, 2)}\n`)
        if (options.json && options.out !== undefined) printJson(cli, summary)
        cli.err(
          `until ${summary.expires}, ${summary.uses === 1 ? 'one machine' : `${summary.uses} machines`} may become hosts of ${summary.train}/${summary.channel}: switchyard-agent enroll FILE\nKeep the file where only its user can read it: the token in it is not shown again.\n`,
        )
      }),
    )
}

/** Where the file goes: made before the token is, so that no token is lost when it cannot be. */
async function place(cli: Cli, out: string | undefined) {
  if (out === undefined) return { text: async (text: string) => cli.out(text), undo: async () => undefined }
  const { open, rm } = await import('node:fs/promises')
  const { resolve } = await import('node:path')
  const file = resolve(cli.workingDirectory, out)
  const handle = await open(file, 'wx', 0o600).catch(cause => {
    throw new YardError('usage', `${out} cannot be made: ${messageOf(cause)}; no token was made`, { cause })
  })
  return {
    async text(text: string) {
      await handle.writeFile(text)
      await handle.close()
    },
    async undo() {
      await handle.close()
      await rm(file)
    },
  }
}

function listCommand(cli: Cli): Command {
  return yardCommand('ls', 'every token for hosts that was ever made', 'switchyard host token ls').action(
    (options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const tokens = await yard.hostTokens()
        if (options.json) return printJson(cli, tokens)
        if (tokens.length === 0) return cli.out('no tokens for hosts\n')
        cli.out(tableText([['NAME', 'FOR', 'USED', 'MADE', 'BY', 'STATE'], ...tokens.map(rowOf)]))
      }),
  )
}

function rowOf(token: HostTokenSummary): string[] {
  const { name, train, channel, host, uses, used, created, by } = token
  const place = `${train}/${channel}`
  return [
    name,
    host === undefined ? place : host,
    `${used} of ${uses}`,
    created,
    printable(by),
    stateOf(token),
  ]
}

function stateOf({ revoked, expires, uses, used }: HostTokenSummary): string {
  if (revoked !== undefined) return `revoked ${revoked}`
  if (used >= uses) return 'spent'
  return `${expires <= timestampOf(Date.now()) ? 'expired' : 'good until'} ${expires}`
}

function revokeCommand(cli: Cli): Command {
  return yardCommand(
    'revoke',
    'let nobody become a host by a token from now on',
    'switchyard host token revoke image',
  )
    .argument('<name>')
    .option('--why <text>', 'the reason, for the audit log')
    .action((name: string, options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const token = await yard.revokeHostToken(parseName(name), { why: options.why })
        if (options.json) printJson(cli, token)
        else cli.out(`revoked ${token.name}; hosts that enrolled by it stay\n`)
      }),
    )
}
