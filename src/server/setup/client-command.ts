import type { Name, SnapshotRecord } from '../../model/index.ts'
import { type Place, placeOf, placeOfTrain } from './place.ts'

type Format = SnapshotRecord['format']

/** The one line that points the client of the machine that runs it at something, and which client that is. */
export interface ClientCommand {
  client: Format
  command: string
}

/** For a repository's newest snapshot. */
export function clientCommand(base: string, name: Name, format: Format): ClientCommand {
  const { setup, label } = placeOf(name, { kind: 'latest' })
  return { client: format, command: commandFor(base, { setup, label }, format, []) }
}

/** For all repositories of a channel, forwards and backwards: one line for each client that some of them are for. */
export function channelCommands(
  base: string,
  train: Name,
  channel: Name,
  formats: Iterable<Format>,
): ClientCommand[] {
  const place = placeOfTrain({ kind: 'channel', train, channel })
  return [...new Set(formats)]
    .sort()
    .map(client => ({ client, command: commandFor(base, place, client, preferences) }))
}

const preferences: [string, string][] = [['preferences', '/etc/apt/preferences.d/switchyard-LABEL']]

function commandFor(
  base: string,
  { setup, label }: Pick<Place, 'setup' | 'label'>,
  format: Format,
  more: [string, string][],
): string {
  const files: [string, string][] =
    format === 'apt'
      ? [['apt.sources', '/etc/apt/sources.list.d/switchyard-LABEL.sources'], ...more]
      : [['dnf.repo', '/etc/yum.repos.d/switchyard-LABEL.repo']]
  const fetched = files.map(
    ([file, target]) =>
      `curl -fsS ${base}${setup}${file} | sudo tee ${target.replace('LABEL', label)} >/dev/null`,
  )
  return [...fetched, format === 'apt' ? 'sudo apt-get update' : 'sudo dnf makecache'].join(' && ')
}
