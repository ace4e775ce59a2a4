import type { Command } from 'commander'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { countText, sizeText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

const example = `switchyard gc --dry-run`

export function gcCommand(cli: Cli): Command {
  return yardCommand('gc', 'free the space of what no snapshot names any more', example)
    .option('--dry-run', 'only say what would go')
    .option('--why <text>', 'the reason, for the audit log')
    .action((options: YardOptions & { dryRun?: boolean; why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const report = await yard.collectGarbage({ dryRun: options.dryRun ?? false, why: options.why })
        if (options.json) return printJson(cli, report)
        cli.out(
          `${report.dryRun ? 'would free' : 'freed'} ${sizeText(report.freedBytes)}: ${countText(report.removedBlobs, 'blob')}, ${countText(report.removedPages, 'page')}\n`,
        )
      }),
    )
}
