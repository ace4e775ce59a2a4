import { type Command, Command as CommandGroup } from 'commander'
import { parseName, parseRight, rightNames, timestampOf } from '../../model/index.ts'
import type { TokenSummary } from '../../yard/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { momentOf } from '../moment.ts'
import { printable, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

/** `token create|list|revoke`: who may change the yard over HTTP. */
export function tokenCommand(cli: Cli): Command {
  return new CommandGroup('token')
    .summary('who may change the yard over HTTP')
    .description('who may change the yard over HTTP')
    .addCommand(createCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(revokeCommand(cli))
}

const rightsText = `RIGHT is one of ${rightNames.join(', ')} (everything)`

interface CreateOptions extends YardOptions {
  may: string[]
  expires?: string
  why?: string
}

const example = `
switchyard token create ci --may sync upload:ours > ci.token
switchyard token create ada --may promote:web/production rollback:web --expires 90d`

function createCommand(cli: Cli): Command {
  return yardCommand('create', 'make a token; its text is printed this once', example)
    .argument('<name>', 'who changes something, in the audit log')
    .requiredOption('--may <right...>', `RIGHT or RIGHT:SCOPE, such as sync:debian; ${rightsText}`)
    .option('--expires <moment>', '90d, or 20261121T064500Z (default: never)')
    .option('--why <text>', 'the reason, for the audit log')
    .action((name: string, options: CreateOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const { expires, why } = options
        const { token, summary } = await yard.createToken(parseName(name), {
          rights: options.may.map(parseRight),
          expiresAt: expires === undefined ? undefined : momentOf(expires, Date.now(), 'after'),
          why,
        })
        if (options.json) return printJson(cli, { token, ...summary })
        cli.out(`${token}\n`)
        cli.err('Keep it in a file that only its user can read: it is not shown again.\n')
      }),
    )
}

function listCommand(cli: Cli): Command {
  return yardCommand('list', 'every token that was ever made', 'switchyard token list').action(
    (options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const tokens = await yard.tokens()
        if (options.json) return printJson(cli, tokens)
        cli.out(tableText([['NAME', 'MAY', 'MADE', 'BY', 'STATE'], ...tokens.map(rowOf)]))
      }),
  )
}

function rowOf({ name, rights, created, by, expires, revoked }: TokenSummary): string[] {
  const isOver = expires !== undefined && expires <= timestampOf(Date.now())
  const state =
    revoked !== undefined
      ? `revoked ${revoked}`
      : expires === undefined
        ? 'good'
        : `${isOver ? 'expired' : 'good until'} ${expires}`
  return [name, rights.join(' '), created, printable(by), state]
}

function revokeCommand(cli: Cli): Command {
  return yardCommand('revoke', 'let a token be worth nothing from now on', 'switchyard token revoke ci')
    .argument('<name>')
    .option('--why <text>', 'the reason, for the audit log')
    .action((name: string, options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const token = await yard.revokeToken(parseName(name), { why: options.why })
        if (options.json) printJson(cli, token)
        else cli.out(`revoked ${token.name}\n`)
      }),
    )
}
