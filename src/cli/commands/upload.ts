import type { Command } from 'commander'
import { errorCodes, parseName } from '../../model/index.ts'
import type { UploadReport } from '../../yard/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { showProgress } from '../progress.ts'
import { changeText, summaryText } from '../report.ts'
import { countText, durationText, printable } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

const example = `
switchyard upload ours hello_1.2-1_amd64.deb
switchyard upload ours build/*.rpm      # all of them in one snapshot, or none`

export function uploadCommand(cli: Cli): Command {
  return yardCommand(
    'upload',
    'put packages of yours into a repository; all in one snapshot, or none',
    example,
  )
    .argument('<repository>', 'one that switchyard.yaml has as `uploads: deb` or `uploads: rpm`')
    .argument('<file...>', 'packages: .deb or .rpm')
    .option('--why <text>', 'the reason, for the audit log')
    .action((repository: string, files: string[], options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const progress = showProgress(cli)
        const report = await yard
          .upload(parseName(repository), files, {
            onEvent: progress.onEvent,
            signal: cli.signal,
            why: options.why,
          })
          .finally(progress.end)
        if (options.json) printJson(cli, report)
        else show(cli, report, files.length)
        cli.setExitStatus(statusOf(report))
      }),
    )
}

function show(cli: Cli, report: UploadReport, offered: number): void {
  if (report.outcome === 'refused') {
    for (const { message, hint } of report.refused)
      cli.err(`${printable(message)}\n${hint === undefined ? '' : `  ${printable(hint)}\n`}`)
    cli.err(
      `switchyard: ${report.repository}: ${report.refused.length} of ${countText(offered, 'file')} cannot be taken, so none is; nothing was changed\n`,
    )
    return
  }
  const there = report.files.filter(({ state }) => state === 'there').length
  const known = there === 0 ? '' : `; ${countText(there, 'file')} already there`
  const time = durationText(report.milliseconds)
  if (report.outcome === 'unchanged')
    cli.out(`${report.repository}  nothing new since ${report.snapshot}${known}; ${time}\n`)
  else
    cli.out(
      `${report.repository}@${report.snapshot.record.timestamp}  ${changeText(report.change)}${known}; ${summaryText(report.snapshot)}; ${time}\n`,
    )
}

/** That of what was wrong with the files; 1 where they differ. */
function statusOf(report: UploadReport): number {
  if (report.outcome !== 'refused') return 0
  const [status, ...others] = new Set(report.refused.map(({ code }) => errorCodes[code].exit))
  return others.length === 0 ? status! : 1
}
