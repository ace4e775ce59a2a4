import type { Command } from 'commander'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { yardCommand } from '../yard-command.ts'

const example = `
switchyard rm debian@20261120T060000Z
switchyard rm debian        # its every snapshot`

export function rmCommand(cli: Cli): Command {
  return yardCommand(
    'rm',
    'remove a snapshot, or every snapshot of a repository; `gc` frees the space',
    example,
  )
    .argument('<reference>', 'REPO@20261121T064500Z, or REPO for all of its snapshots')
    .action((reference: string, options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const removed = await yard.remove(reference, { signal: cli.signal })
        if (options.json) return printJson(cli, removed)
        for (const name of removed) cli.out(`removed ${name}\n`)
      }),
    )
}
