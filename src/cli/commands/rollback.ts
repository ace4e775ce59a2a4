import type { Command } from 'commander'
import { parseChannelReference } from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { expectedAt, moveStatus, moveText } from '../moves.ts'
import { yardCommand } from '../yard-command.ts'

interface RollbackOptions extends YardOptions {
  to?: string
  why?: string
  expected?: string
}

const example = `
switchyard rollback web/production                             # to the promotion before; again walks further
switchyard rollback web/production --to web@20261121T070000Z   # to any release of its line, forward again too`

export function rollbackCommand(cli: Cli): Command {
  return yardCommand('rollback', 'take a channel back to the release before', example)
    .argument('<channel>', 'TRAIN/CHANNEL')
    .option('--to <release>', 'TRAIN@RELEASE in the line of the promotions')
    .option('--why <text>', 'the reason, for the history and the audit log')
    .option('--expected <release>', 'TRAIN@RELEASE: only if the channel stands there')
    .action((channel: string, options: RollbackOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const report = await yard.rollback(parseChannelReference(channel), {
          ...expectedAt(options.expected),
          ...(options.to === undefined ? {} : { to: options.to }),
          ...(options.why === undefined ? {} : { why: options.why }),
        })
        if (options.json) printJson(cli, report)
        else cli.out(moveText(report))
        cli.setExitStatus(moveStatus(report))
      }),
    )
}
