import type { Command } from 'commander'
import { parseChannelReference } from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { expectedAt, moveStatus, moveText } from '../moves.ts'
import { doneLine } from '../verdict-text.ts'
import { yardCommand } from '../yard-command.ts'

interface PromoteOptions extends YardOptions {
  why?: string
  expected?: string
  allowIdentityChange?: boolean
  override?: string[]
  floor?: string
}

const example = `
switchyard promote web/staging                             # the train's newest release
switchyard promote web/production web@20261121T070000Z --why "the fix for CVE-2026-1234"
switchyard promote web/production --override soak --why "CVE-2026-1234 is being exploited"`

export function promoteCommand(cli: Cli): Command {
  return yardCommand(
    'promote',
    'move a channel to a release past its gates, all its repositories at once',
    example,
  )
    .argument('<channel>', 'TRAIN/CHANNEL')
    .argument('[release]', 'TRAIN@RELEASE (default: of the channel before, or newest)')
    .option('--why <text>', 'the reason, for the history and the audit log')
    .option(
      '--override <gate>',
      'go past this gate though it refuses; may be repeated',
      (gate: string, before: string[] = []) => [...before, gate],
    )
    .option('--expected <release>', 'TRAIN@RELEASE: only if the channel stands there')
    .option('--floor <release>', 'TRAIN@RELEASE: none of its hosts goes below it again')
    .option('--allow-identity-change', 'though apt refuses a changed Origin, Suite, ...')
    .action((channel: string, release: string | undefined, options: PromoteOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const report = await yard.promote(parseChannelReference(channel), {
          ...expectedAt(options.expected),
          override: options.override ?? [],
          signal: cli.signal,
          onVerdict: cli.terminal ? verdict => cli.err(doneLine(verdict)) : undefined,
          allowIdentityChange: options.allowIdentityChange ?? false,
          ...(release === undefined ? {} : { release }),
          ...(options.why === undefined ? {} : { why: options.why }),
          ...(options.floor === undefined ? {} : { floor: options.floor }),
        })
        if (options.json) printJson(cli, report)
        else cli.out(moveText(report))
        cli.setExitStatus(moveStatus(report))
      }),
    )
}
