import type { Command } from 'commander'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { statusText } from '../status-text.ts'
import { yardCommand } from '../yard-command.ts'

const example = `
switchyard status              # exit status 4: something needs hands
switchyard status --server https://yard.example.org`

export function statusCommand(cli: Cli): Command {
  return yardCommand(
    'status',
    'one screen: where channels stand, what hosts are told and until when, what needs hands',
    example,
  ).action((options: YardOptions) =>
    withYard(cli, options, async ({ yard }) => {
      const status = await yard.status()
      cli.setExitStatus(status.hands.length === 0 ? 0 : 4)
      if (options.json) printJson(cli, status)
      else cli.out(statusText(status))
    }),
  )
}
