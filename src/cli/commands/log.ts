import { type Command, InvalidArgumentError } from 'commander'
import { type AuditEntry, timestampOf } from '../../model/index.ts'
import type { LogReport } from '../../yard/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { momentOf } from '../moment.ts'
import { countText, numberText, printable, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

interface LogOptions extends YardOptions {
  verify?: boolean
  since?: string
  limit: number
}

const example = `
switchyard log --since 7d
switchyard log --verify      # was any entry changed, taken out, or put in?`

export function logCommand(cli: Cli): Command {
  return yardCommand('log', 'the audit log: who changed what, when, and why; newest first', example)
    .option('--verify', 'compute its whole chain of digests again')
    .option('--since <moment>', 'not older: 12h, 7d or 20261121T064500Z')
    .option('--limit <count>', 'at most so many entries', countOf, 100)
    .action((options: LogOptions) =>
      withYard(cli, options, async ({ yard }) => {
        if (options.verify === true) return showReport(cli, options, await yard.verifyLog())
        const { since, limit } = options
        const entries = await yard.log({
          limit,
          ...(since === undefined ? {} : { since: timestampOf(momentOf(since, Date.now(), 'before')) }),
        })
        if (options.json) printJson(cli, entries)
        else cli.out(tableText(entries.map(rowOf), [0]))
      }),
    )
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 10_000) return Number(text)
  throw new InvalidArgumentError('Write a number from 1 to 10000.')
}

function rowOf({ number, at, who, via, verb, subject, why }: AuditEntry): string[] {
  return [
    String(number),
    at,
    `${printable(who)}${via === 'command line' ? '' : ` (${via})`}`,
    verb,
    printable(subject),
    why === undefined ? '' : printable(why).replace(/\s+/g, ' '),
  ]
}

function showReport(cli: Cli, { json }: YardOptions, report: LogReport): void {
  const { fault, head, headProblem } = report
  cli.setExitStatus(fault === undefined && headProblem === undefined ? 0 : 1)
  if (json === true) {
    printJson(cli, report)
    return
  }
  if (fault !== undefined) cli.err(`entry ${numberText(fault.number)} ${faultTexts[fault.kind]}\n`)
  if (headProblem !== undefined) cli.err(`no signature covers the log: ${printable(headProblem)}\n`)
  const { entryCount, last, uncoveredCount } = report
  cli.out(`${countText(entryCount, 'entry', 'entries')} in place${fault === undefined ? '' : ' before it'}\n`)
  if (head !== undefined)
    cli.out(
      `signed up to entry ${numberText(head.number)} at ${head.at}${uncoveredCount === 0 ? '' : `; ${countText(uncoveredCount, 'entry', 'entries')} behind it not yet`}\n`,
    )
  if (last !== undefined) cli.out(`entry ${numberText(last.number)} has the digest ${last.digest}\n`)
}

const faultTexts: { [kind in NonNullable<LogReport['fault']>['kind']]: string } = {
  changed: 'was changed: it does not have its own digest',
  missing: 'was taken out',
  added: 'was put in, or the one before it replaced: it does not follow that one',
  replaced: "is not the one that the yard's keys signed",
  'cut off': "was cut off with all that came behind it: the yard's keys signed a longer log",
}
