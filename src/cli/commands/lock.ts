import type { Command } from 'commander'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { yardCommand } from '../yard-command.ts'

const example = `
switchyard lock          # then keep switchyard.lock.yaml in git; promote and rollback write it from now on`

export function lockCommand(cli: Cli): Command {
  return yardCommand('lock', 'write into switchyard.lock.yaml where every channel stands', example).action(
    (options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const report = await yard.lock()
        if (options.json) return printJson(cli, report)
        cli.out(report.outcome === 'written' ? `wrote ${report.file}\n` : `${report.file} says so already\n`)
      }),
  )
}
