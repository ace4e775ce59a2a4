import type { Command } from 'commander'
import { parseName } from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { yardCommand } from '../yard-command.ts'

interface ApproveOptions extends YardOptions {
  channel?: string
  why?: string
}

const example = `
switchyard approve web@20261121T070000Z --why "read the diff"
switchyard approve web --channel production`

export function approveCommand(cli: Cli): Command {
  return yardCommand('approve', 'give your word that a release may enter a channel, or every one', example)
    .argument('<release>', 'TRAIN@RELEASE, TRAIN or TRAIN@latest')
    .option('--channel <channel>', 'this one alone (default: every channel of the train)')
    .option('--why <text>', 'the reason; it is kept with your word')
    .action((release: string, options: ApproveOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const report = await yard.approve(release, {
          channel: options.channel === undefined ? undefined : parseName(options.channel),
          why: options.why,
        })
        if (options.json) return printJson(cli, report)
        const { train, release: at, who, channel } = report.approval
        const where = channel === undefined ? '' : ` for ${train}/${channel}`
        const before = report.outcome === 'unchanged' ? ' already' : ''
        cli.out(`${train}@${at}  ${who} approves of it${where}${before}\n`)
      }),
    )
}
