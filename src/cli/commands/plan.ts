import type { Command } from 'commander'
import { isOpen, isStep, type PlanItem } from '../../train/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { planText } from '../plan-text.ts'
import { proposedFiles } from '../proposed-files.ts'
import { yardCommand } from '../yard-command.ts'

interface PlanOptions extends YardOptions {
  files?: string
}

const example = `
switchyard plan                       # the yard against its own two files
switchyard plan --files checkout      # against those of a change that is under review`

export function planCommand(cli: Cli): Command {
  return yardCommand(
    'plan',
    'what differs between switchyard.yaml, switchyard.lock.yaml and the yard; exit status 4 when there is something to do',
    example,
  )
    .option('--files <directory>', 'where to read the two files instead (default: in the yard)')
    .action((options: PlanOptions) =>
      withYard(cli, options, async ({ yard }) => {
        printPlan(cli, options, await yard.plan(await proposedFiles(cli, options.files)))
      }),
    )
}

/** Prints a plan, and sets the exit status: 4 when there is something to do. */
export function printPlan(cli: Cli, { json }: YardOptions, items: PlanItem[]): void {
  if (json) printJson(cli, items)
  else cli.out(planText(items))
  if (items.some(item => isStep(item) || isOpen(item))) cli.setExitStatus(4)
}
