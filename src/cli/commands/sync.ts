import type { Command } from 'commander'
import { parseName } from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { showProgress } from '../progress.ts'
import { syncLine, syncStatus } from '../report.ts'
import { yardCommand } from '../yard-command.ts'

interface SyncOptions extends YardOptions {
  allowIdentityChange?: boolean
  why?: string
}

const example = `
switchyard sync            # every repository, side by side
switchyard sync debian     # one`

export function syncCommand(cli: Cli): Command {
  return yardCommand('sync', 'read upstreams and compose; a snapshot where something changed', example)
    .argument('[repository...]', 'which ones (default: all)')
    .option(
      '--allow-identity-change',
      'let a composed repository change its origin, label, suite or codename',
    )
    .option('--why <text>', 'the reason, for the audit log')
    .action((names: string[], options: SyncOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const progress = showProgress(cli)
        const { allowIdentityChange = false } = options
        const reports = await yard.sync(names.map(parseName), {
          onEvent: progress.onEvent,
          signal: cli.signal,
          allowIdentityChange,
          why: options.why,
        })
        progress.end()
        if (options.json) printJson(cli, reports)
        else
          for (const report of reports)
            (report.outcome === 'failed' ? cli.err : cli.out)(`${syncLine(report)}\n`)
        cli.setExitStatus(syncStatus(reports))
      }),
    )
}
