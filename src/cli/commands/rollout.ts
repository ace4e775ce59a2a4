import { Command } from 'commander'
import { parseChannelReference } from '../../model/index.ts'
import type { LiftReport } from '../../train/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { waitLine } from '../moves.ts'
import { printable } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

/** `rollout`: how hosts of a channel come to its release. */
export function rolloutCommand(cli: Cli): Command {
  return new Command('rollout')
    .summary('how hosts follow their channel')
    .description('how hosts follow their channel')
    .addCommand(resumeCommand(cli))
}

function resumeCommand(cli: Cli): Command {
  const example = 'switchyard rollout resume web/production --why "the fix is in web@20261121T070000Z"'
  return yardCommand('resume', 'lift the halts that hold a channel: its own keys sign for it', example)
    .argument('<channel>', 'TRAIN/CHANNEL')
    .option('--why <text>', 'the reason, for the audit log')
    .action((channel: string, options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const report = await yard.resume(
          parseChannelReference(channel),
          options.why === undefined ? {} : { why: options.why },
        )
        cli.setExitStatus(report.outcome === 'staged' ? 4 : 0)
        if (options.json) printJson(cli, report)
        else cli.out(printable(liftText(channel, report)))
      }),
    )
}

function liftText(channel: string, { outcome, halts, staged }: LiftReport): string {
  if (outcome === 'unchanged') return `no halt holds ${channel}\n`
  const held = halts.map(({ number, who, why }) => `  halt ${number} by ${who}: ${why}`)
  const head =
    staged === undefined
      ? `${channel}  goes on; lifted:`
      : `${channel}  is halted until people have signed (change ${staged.id}):`
  return [head, ...held, ...(staged?.waits ?? []).map(waitLine)].map(line => `${line}\n`).join('')
}
