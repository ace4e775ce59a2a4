import type { Command } from 'commander'
import { errorCodes } from '../../model/index.ts'
import type { ApplyReport } from '../../train/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { applyText } from '../plan-text.ts'
import { proposedFiles } from '../proposed-files.ts'
import { doneLine } from '../verdict-text.ts'
import { yardCommand } from '../yard-command.ts'
import { printPlan } from './plan.ts'

interface ApplyOptions extends YardOptions {
  files?: string
  dryRun?: boolean
  why?: string
  override: string[]
}

const example = `
switchyard apply --why "merge of the change 4711"     # \`switchyard plan\` shows what it would do`

export function applyCommand(cli: Cli): Command {
  return yardCommand(
    'apply',
    'make real what switchyard.lock.yaml says: cut its releases, move the channels past their gates',
    example,
  )
    .option('--files <directory>', 'where to read the two files instead (default: in the yard)')
    .option('--dry-run', 'do nothing, and show what would be done, as `switchyard plan` does')
    .option('--why <text>', 'the reason, for the history and the audit log')
    .option(
      '--override <gate>',
      'go past this gate though it refuses, for the reason that --why gives; may be given several times',
      (gate: string, before: string[]) => [...before, gate],
      [],
    )
    .action((options: ApplyOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const files = await proposedFiles(cli, options.files)
        if (options.dryRun) return printPlan(cli, options, await yard.plan(files))
        const report = await yard.apply({
          ...files,
          override: options.override,
          signal: cli.signal,
          onVerdict: cli.terminal ? verdict => cli.err(doneLine(verdict)) : undefined,
          ...(options.why === undefined ? {} : { why: options.why }),
        })
        if (options.json) printJson(cli, report)
        else cli.out(applyText(report))
        cli.setExitStatus(applyStatus(report))
      }),
    )
}

/** 0 when all is as the files say; 4 when some was done; when nothing was, that of the errors, 1 where they differ. */
function applyStatus({ steps, open }: ApplyReport): number {
  const left = steps.filter(({ outcome }) => outcome !== 'done')
  if (left.length + open.length === 0) return 0
  if (left.length < steps.length || left.some(({ outcome }) => outcome === 'staged')) return 4
  const statuses = new Set(
    left.flatMap(({ error }) => (error === undefined ? [] : [errorCodes[error.code].exit])),
  )
  const [status = 1, ...others] = statuses
  return others.length === 0 ? status : 1
}
