import { nearestName } from '../../config/index.ts'
import { type HostId, type Name, YardError } from '../../model/index.ts'
import type { FleetContext } from '../context.ts'
import { changed, type HostDetail, keepNotes, refuseRevoked } from './hosts.ts'

/**
 * The host belongs to another channel; it learns of that by its card, and follows once it has statements of that channel. What it
 * borrowed it gives back. @throws YardError `not-found`; `refused` when the host was revoked.
 */
export async function moveHost(
  context: FleetContext,
  id: HostId,
  { train, channel, why }: { train: Name; channel: Name; why?: string | undefined },
): Promise<HostDetail> {
  checkDeclared(context, train, channel)
  const line = { verb: 'host move', why, detail: { train, channel } }
  return changed(context, id, line, async (hosts, host) => {
    refuseRevoked(host)
    if (host.train === train && host.channel === channel) return undefined
    const moved = { ...host, train, channel }
    await keepNotes(hosts, host, moved, context.now())
    return moved
  })
}

/** @throws YardError `not-found` when switchyard.yaml declares no such channel. */
export function checkDeclared(
  { configuration: { trains, file } }: Pick<FleetContext, 'configuration'>,
  train: Name,
  channel: Name,
): void {
  if (trains.get(train)?.channels.has(channel) === true) return
  const known = [...trains].flatMap(([name, { channels }]) =>
    [...channels.keys()].map(key => `${name}/${key}`),
  )
  const nearest = nearestName(`${train}/${channel}`, known)
  throw new YardError(
    'not-found',
    `there is no channel ${train}/${channel} in ${file}; nothing was changed`,
    {
      hint: nearest === undefined ? 'declare it under `trains:` first' : `did you mean ${nearest}?`,
    },
  )
}
