import type { Command } from 'commander'
import type { RepositorySummary } from '../../yard/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { summaryText } from '../report.ts'
import { printable, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

const example = `switchyard repositories`

export function repositoriesCommand(cli: Cli): Command {
  return yardCommand(
    'repositories',
    'what the yard holds: how fresh it is, and what went wrong',
    example,
  ).action((options: YardOptions) =>
    withYard(cli, options, async ({ yard }) => {
      const repositories = await yard.repositories()
      if (options.json) return printJson(cli, repositories)
      cli.out(
        tableText([
          ['REPOSITORY', 'KIND', 'POLICY', 'NEWEST', 'CHECKED', 'HOLDS'],
          ...repositories.map(rowOf),
        ]),
      )
      for (const { name, failure } of repositories)
        if (failure !== undefined)
          cli.err(`${name}: failing since ${failure.at}: ${printable(failure.message)}\n`)
    }),
  )
}

function rowOf({ name, kind, policy, latest, checked }: RepositorySummary): string[] {
  return [
    name,
    kind,
    policy,
    latest?.record.timestamp ?? 'none yet',
    checked ?? 'never',
    latest === undefined ? '' : summaryText(latest),
  ]
}
