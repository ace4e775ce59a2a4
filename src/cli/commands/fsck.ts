import type { Command } from 'commander'
import type { FsckFinding } from '../../repository/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { showProgress } from '../progress.ts'
import { countText, printable, sizeText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

const example = `
switchyard fsck
switchyard fsck --repair`

export function fsckCommand(cli: Cli): Command {
  return yardCommand(
    'fsck',
    'prove every byte: read all blobs, trees and refs again, and name what is damaged',
    example,
  )
    .option('--repair', 'fetch or rebuild what is damaged')
    .option('--why <text>', 'the reason, for the audit log')
    .action((options: YardOptions & { repair?: boolean; why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const progress = showProgress(cli)
        const report = await yard.fsck({
          repair: options.repair ?? false,
          onEvent: progress.onEvent,
          signal: cli.signal,
          why: options.why,
        })
        progress.end()
        const open = report.findings.filter(finding => !finding.repaired)
        if (options.json) printJson(cli, report)
        else {
          for (const finding of report.findings) cli.err(`${findingText(finding)}\n`)
          cli.out(
            `${countText(report.checkedBlobs, 'blob')} (${sizeText(report.checkedBytes)}), ${countText(report.checkedPages, 'page')}, ${countText(report.checkedRefs, 'ref')} checked: ${verdict(report.findings, open)}\n`,
          )
        }
        cli.setExitStatus(open.length === 0 ? 0 : 1)
      }),
    )
}

function verdict(findings: FsckFinding[], open: FsckFinding[]): string {
  if (findings.length === 0) return 'all is well'
  if (open.length === 0) return `${countText(findings.length, 'problem')}, all repaired`
  return `${countText(open.length, 'problem')} open, ${findings.length - open.length} repaired`
}

function findingText({ what, name, problem, repaired, usedBy }: FsckFinding): string {
  return `${what} ${name}: ${printable(problem)}${repaired ? ' (repaired)' : ''}${usedBy.length === 0 ? '' : `; needed by ${printable(usedBy.slice(0, 3).join(', '))}`}`
}
