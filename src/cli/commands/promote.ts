import type { Command } from 'commander'
import { parseChannelReference } from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { moveLine } from '../report.ts'
import { yardCommand } from '../yard-command.ts'

interface PromoteOptions extends YardOptions {
  why?: string
}

const example = `
switchyard promote web/staging                             # the train's newest release
switchyard promote web/production web@20261121T070000Z --why "the fix for CVE-2026-1234"`

export function promoteCommand(cli: Cli): Command {
  return yardCommand('promote', 'move a channel to a release, all its repositories at once', example)
    .argument('<channel>', 'TRAIN/CHANNEL')
    .argument('[release]', 'TRAIN@RELEASE (default: the newest)')
    .option('--why <text>', 'the reason, for the history and the audit log')
    .action((channel: string, release: string | undefined, options: PromoteOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const report = await yard.promote(parseChannelReference(channel), {
          ...(release === undefined ? {} : { release }),
          ...(options.why === undefined ? {} : { why: options.why }),
        })
        if (options.json) printJson(cli, report)
        else cli.out(`${moveLine(report)}\n`)
      }),
    )
}
