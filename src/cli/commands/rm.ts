import type { Command } from 'commander'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { yardCommand } from '../yard-command.ts'

const example = `
switchyard rm debian@20261120T060000Z
switchyard rm debian        # its every snapshot
switchyard rm web@20261101T070000Z`

export function rmCommand(cli: Cli): Command {
  return yardCommand(
    'rm',
    'remove a snapshot, every snapshot of a repository, or a release; `gc` frees the space',
    example,
  )
    .argument('<reference>', 'REPO@20261121T064500Z, REPO for all of its snapshots, or TRAIN@RELEASE')
    .option('--why <text>', 'the reason, for the audit log')
    .action((reference: string, options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const removed = await yard.remove(reference, { signal: cli.signal, why: options.why })
        if (options.json) return printJson(cli, removed)
        for (const name of removed) cli.out(`removed ${name}\n`)
      }),
    )
}
