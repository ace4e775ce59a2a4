import type { Command } from 'commander'
import { type Name, parseChannelReference, parseName } from '../../model/index.ts'
import type { HoldTarget, ListedHold } from '../../train/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { parseUntil } from '../parse-until.ts'
import { printable, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

interface HoldOptions extends YardOptions {
  why: string
  until: string
}

const target = 'TRAIN, or TRAIN/CHANNEL'
const named = 'name of a package or source package, or a glob'

const holdExample = `
switchyard hold web nginx --why "3.0 breaks our module" --until 2026-12-31             # in the releases that are cut
switchyard hold web/production 'linux-image-*' --why "reboots in May" --until 2027-05-01   # in one channel`

export function holdCommand(cli: Cli): Command {
  return yardCommand('hold', 'keep a package at its version: who, why, until when', holdExample)
    .argument('<target>', target)
    .argument('<package>', named)
    .requiredOption('--why <text>', 'the reason')
    .requiredOption('--until <date>', 'the last day on which it holds, such as 2026-12-31')
    .action((where: string, pattern: string, options: HoldOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const until = parseUntil(options.until)
        const report = await yard.hold(parseTarget(where), pattern, { why: options.why, until })
        if (options.json) return printJson(cli, report)
        for (const note of report.notes) cli.err(`warning: ${printable(note)}\n`)
        cli.out(`${printable(pattern)} is held in ${where} until ${report.hold.until}\n`)
      }),
    )
}

const unholdExample = 'switchyard unhold web nginx --why "our module is mended"'

export function unholdCommand(cli: Cli): Command {
  return yardCommand('unhold', 'let a held package go on', unholdExample)
    .argument('<target>', target)
    .argument('<package>', 'as it was held')
    .option('--why <text>', 'the reason, for the audit log')
    .action((where: string, pattern: string, options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const { why } = options
        const hold = await yard.unhold(parseTarget(where), pattern, why === undefined ? {} : { why })
        if (options.json) printJson(cli, hold)
        else cli.out(`${printable(pattern)} is no longer held in ${where}\n`)
      }),
    )
}

const holdsExample = 'switchyard holds web'

export function holdsCommand(cli: Cli): Command {
  return yardCommand('holds', 'what is held: where, until when, by whom and why', holdsExample)
    .argument('[train]', 'one train (default: all)')
    .action((train: string | undefined, options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const holds = await yard.holds(train === undefined ? undefined : parseName(train))
        if (options.json) return printJson(cli, holds)
        if (holds.length === 0) return cli.out('nothing is held\n')
        for (const hold of holds.filter(({ expired }) => expired))
          cli.err(
            `warning: the hold of ${printable(hold.package)} in ${placeOf(hold)} EXPIRED at ${hold.until} and holds no more\n`,
          )
        cli.out(tableText(holds.map(holdRow)))
      }),
    )
}

function holdRow(hold: ListedHold): string[] {
  const { package: pattern, until, expired, who, why } = hold
  return [
    placeOf(hold),
    printable(pattern),
    expired ? `EXPIRED ${until}` : `until ${until}`,
    printable(who),
    printable(why),
  ]
}

function placeOf({ train, channel }: { train: Name; channel?: Name | undefined }): string {
  return channel === undefined ? train : `${train}/${channel}`
}

/** @throws YardError `usage`. */
function parseTarget(text: string): HoldTarget {
  return text.includes('/') ? parseChannelReference(text) : { train: parseName(text) }
}
