import type { Name, SnapshotName, Timestamp } from '../model/index.ts'
import { listChannels, listReleases, listTrains, readChannel, readRelease } from '../repository/index.ts'
import type { TrainContext } from './context.ts'

/** Which snapshots travel in releases and channels, by their repository. */
export type Travels = ReadonlyMap<Name, readonly Travel[]>

export interface Travel {
  timestamp: Timestamp
  /** `TRAIN@T` or `TRAIN/CHANNEL`. */
  in: string
  kind: 'release' | 'channel'
}

/** Snapshots of one repository, from the first to the last; without a last one to the newest. */
export interface Span {
  repository: Name
  first: Timestamp
  last?: Timestamp | undefined
}

/** Where something is that those snapshots have. */
export interface Places {
  /** `TRAIN/CHANNEL`, by name. */
  channels: string[]
  /** `TRAIN@T`, by train, newest first. */
  releases: string[]
}

/** Every release and channel of the yard. Signatures are not verified: nothing is served or moved by what this tells. */
export async function readTravels({ refs }: TrainContext): Promise<Travels> {
  const travels = new Map<Name, Travel[]>()
  const add = ({ repository, timestamp }: SnapshotName, kind: Travel['kind'], name: string) => {
    const some = travels.get(repository) ?? []
    travels.set(repository, some)
    some.push({ timestamp, kind, in: name })
  }
  for (const train of await listTrains(refs)) {
    for (const release of (await listReleases(refs, train)).reverse()) {
      const signed = await readRelease(refs, train, release)
      for (const snapshot of Object.values(signed?.record.snapshots ?? {}))
        add(snapshot, 'release', `${train}@${release}`)
    }
    for (const channel of await listChannels(refs, train)) {
      const record = await readChannel(refs, train, channel)
      for (const { snapshot } of Object.values(record?.repositories ?? {}))
        add(snapshot, 'channel', `${train}/${channel}`)
    }
  }
  return travels
}

export function placesOf({ repository, first, last }: Span, travels: Travels): Places {
  const within = (travels.get(repository) ?? []).filter(
    ({ timestamp }) => timestamp >= first && (last === undefined || timestamp <= last),
  )
  const named = (kind: Travel['kind']) => [
    ...new Set(within.filter(one => one.kind === kind).map(one => one.in)),
  ]
  return { channels: named('channel').sort(), releases: named('release') }
}
