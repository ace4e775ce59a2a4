import type { Command } from 'commander'
import { parseName, YardError } from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { safeText, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

interface SearchOptions extends YardOptions {
  repository?: string
  limit: string
}

const example = `
switchyard search openssl
switchyard search 'linux-image-*' --repository security`

export function searchCommand(cli: Cli): Command {
  return yardCommand(
    'search',
    'which snapshots, releases and channels have which version of a package',
    example,
  )
    .argument('<package>', 'a name, or a glob in quotes')
    .option('--repository <name>', 'only in this one')
    .option('--limit <count>', 'at most so many lines', '1000')
    .action((pattern: string, options: SearchOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const limit = Number(options.limit)
        if (!Number.isInteger(limit) || limit < 1)
          throw new YardError(
            'usage',
            `--limit takes a whole number from 1 on, not ${JSON.stringify(options.limit)}`,
          )
        const hits = await yard.search(pattern, {
          limit,
          ...(options.repository === undefined ? {} : { repository: parseName(options.repository) }),
        })
        if (options.json) return printJson(cli, hits)
        if (hits.length === 0) return cli.err(`no snapshot has a package ${pattern}\n`)
        const rows = hits.map(hit => [
          hit.repository,
          ...[hit.name, hit.version, hit.architecture, hit.suite].map(safeText),
          hit.first,
          hit.last ?? 'now',
          hit.channels.join(', '),
          newestOf(hit.releases),
        ])
        cli.out(
          tableText([
            [
              ...['REPOSITORY', 'PACKAGE', 'VERSION', 'ARCHITECTURE', 'SUITE', 'FIRST', 'LAST'],
              ...['CHANNELS', 'RELEASES'],
            ],
            ...rows,
          ]),
        )
      }),
    )
}

/** The newest of a train, and how many more there are. */
function newestOf(releases: readonly string[]): string {
  const trains = Map.groupBy(releases, release => release.split('@')[0])
  return [...trains.values()]
    .map(([newest, ...older]) => (older.length === 0 ? newest! : `${newest} and ${older.length} before`))
    .join(', ')
}
