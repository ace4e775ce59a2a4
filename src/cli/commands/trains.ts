import type { Command } from 'commander'
import { parseName } from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { percentText, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

export function channelsCommand(cli: Cli): Command {
  return yardCommand(
    'channels',
    'where every channel stands, since when, and who moved it',
    'switchyard channels web',
  )
    .argument('[train]', 'of one (default: all)')
    .action((name: string | undefined, options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const trains = await yard.trains(name === undefined ? undefined : parseName(name))
        if (options.json) return printJson(cli, trains)
        const rows = trains.flatMap(train =>
          train.channels.map(({ name, gates, record }) => {
            const last = record?.history.at(-1)
            return [
              `${train.name}/${name}`,
              record === undefined ? '-' : `${train.name}@${record.release}`,
              last === undefined ? '' : `${last.kind} ${last.moved} by ${last.who}`,
              gates.join(', '),
            ]
          }),
        )
        cli.out(tableText([['CHANNEL', 'RELEASE', 'LAST MOVE', 'GATES'], ...rows], []))
      }),
    )
}

export function releasesCommand(cli: Cli): Command {
  return yardCommand(
    'releases',
    'the releases of a train, oldest first, and where they are',
    'switchyard releases web',
  )
    .argument('[train]', 'of one (default: all)')
    .action((name: string | undefined, options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const releases = await yard.releases(name === undefined ? undefined : parseName(name))
        if (options.json) return printJson(cli, releases)
        const rows = releases.map(({ record, channels, totalEntries, localEntries }) => [
          `${record.train}@${record.timestamp}`,
          record.kind,
          percentText(localEntries, totalEntries),
          channels.join(', '),
          record.why ?? '',
        ])
        cli.out(tableText([['RELEASE', 'KIND', 'HERE', 'CHANNELS', 'WHY'], ...rows], [2]))
      }),
    )
}
