import type { Command } from 'commander'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { showProgress } from '../progress.ts'
import { summaryText } from '../report.ts'
import { yardCommand } from '../yard-command.ts'

const example = `switchyard fetch debian@latest`

export function fetchCommand(cli: Cli): Command {
  return yardCommand('fetch', 'complete an on-demand snapshot: bring every file that it names', example)
    .argument('<reference>', 'REPO, REPO@latest or REPO@20261121T064500Z')
    .option('--why <text>', 'the reason, for the audit log')
    .action((reference: string, options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const progress = showProgress(cli)
        const { onEvent } = progress
        const snapshot = await yard.fetch(reference, { onEvent, signal: cli.signal, why: options.why })
        progress.end()
        if (options.json) printJson(cli, snapshot)
        else cli.out(`${snapshot.record.repository}@${snapshot.record.timestamp}  ${summaryText(snapshot)}\n`)
      }),
    )
}
