import type { Command } from 'commander'
import { type Cli, printJson, withOpenYard, type YardOptions } from '../context.ts'
import { yardCommand } from '../yard-command.ts'

const example = `
switchyard trust refresh          # once a day, where no server runs
switchyard trust refresh --all    # after a backup was restored`

/** `trust refresh`: what a running server does every hour. */
export function refreshCommand(cli: Cli): Command {
  return yardCommand(
    'refresh',
    'sign again what hosts act on before it is stale; a running server does it by itself',
    example,
    { local: true },
  )
    .option('--all', 'everything, so that no host has seen anything newer than this yard knows')
    .action((options: YardOptions & { all?: boolean }) =>
      withOpenYard(cli, options, async open => {
        await open.refreshStatements({ all: options.all ?? false })
        const { roles } = await open.yard.statements()
        const timestamp = roles.find(({ role }) => role === 'timestamp')
        if (options.json) printJson(cli, { expires: timestamp?.expires })
        else
          cli.out(
            timestamp?.expires === undefined
              ? 'hosts are told nothing yet: no channel was ever moved\n'
              : `what hosts are told is fresh until ${timestamp.expires}\n`,
          )
      }),
    )
}
