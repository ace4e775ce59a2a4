import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { DeparturesView } from '../../fleet/index.ts'
import { type HostId, isYardError, type Name } from '../../model/index.ts'
import type { CertifiedHost } from '../../trust/index.ts'
import type { OpenYard } from '../../yard/index.ts'
import type { CallerOf } from './caller.ts'

/** Times in milliseconds. `look`: what happened is told within it. `heartbeat`: a silent stream is a dead one. */
const times = { look: 1_000, heartbeat: 60_000 }

/** At one moment: each is a connection that stays. */
const mostStreams = 4_096

/** What a stream that its host does not read may pile up, in bytes. */
const mostUnread = 16 * 1024

interface Stream {
  caller: CertifiedHost
  response: ServerResponse
  train: Name
  channel: Name
}

/**
 * `GET /hosts/v1/events`: tells a host that there is something to fetch, as server-sent events (HTML, 9.2): `departures` when the
 * statements of its channel changed, `halt` when the halts did. Nothing in them is to be believed.
 * @returns what ends all streams.
 */
export function addEventStreams(
  app: FastifyInstance,
  { hosts }: Pick<OpenYard, 'hosts'>,
  callerOf: CallerOf,
  { look, heartbeat } = times,
): { close(): void } {
  const streams = new Map<HostId, Stream>()
  let watching: NodeJS.Timeout | undefined
  let known: Told | undefined
  let looking = false

  app.get('/hosts/v1/events', async (request, reply) => {
    const caller = await callerOf(request)
    const { train, channel } = await hosts.host(caller)
    if (streams.size >= mostStreams && !streams.has(caller.host))
      return reply
        .code(503)
        .header('Retry-After', 600)
        .send({
          error: { code: 'busy', message: 'as many hosts listen as the yard can hold; ask again later' },
        })
    remember(await toldOf(await hosts.departures(), [{ train, channel }]))
    reply.hijack()
    const response = reply.raw
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(':\n\n')
    follow({ caller, response, train, channel })
    return reply
  })

  function follow(stream: Stream): void {
    const { caller, response } = stream
    // A host listens once: what it left behind is over.
    streams.get(caller.host)?.response.end()
    streams.set(caller.host, stream)
    watching ??= setInterval(() => void tellNews(), look).unref()
    const beat = setInterval(() => void goOn(stream), heartbeat).unref()
    response.once('close', () => {
      clearInterval(beat)
      if (streams.get(caller.host) === stream) streams.delete(caller.host)
      if (streams.size > 0) return
      clearInterval(watching)
      watching = undefined
      known = undefined
    })
  }

  /** A host that is one no more hears nothing further. */
  async function goOn(stream: Stream): Promise<void> {
    try {
      const { train, channel } = await hosts.host(stream.caller)
      Object.assign(stream, { train, channel })
      send(stream, ':\n\n')
    } catch (error) {
      // While the catalog is gone they stay.
      if (isYardError(error, 'forbidden')) stream.response.end()
      else send(stream, ':\n\n')
    }
  }

  /** What was there when a stream began is no news to it. */
  function remember(told: Told): void {
    known ??= told
    for (const [name, digest] of told.channels)
      if (!known.channels.has(name)) known.channels.set(name, digest)
  }

  async function tellNews(): Promise<void> {
    if (looking) return
    looking = true
    try {
      const now = await toldOf(await hosts.departures(), [...streams.values()])
      const before = known ?? now
      known = now
      remember(before)
      tell(now, before)
    } catch {
      // What cannot be read now is told once it can.
    } finally {
      looking = false
    }
  }

  function tell(now: Told, before: Told): void {
    for (const stream of streams.values()) {
      const name = nameOf(stream)
      const was = before.channels.get(name)
      if (now.halts !== before.halts) send(stream, `event: halt\ndata: ${now.halt}\n\n`)
      if (was !== undefined && was !== now.channels.get(name))
        send(stream, `event: departures\ndata: ${now.timestamp}\n\n`)
    }
  }

  return {
    close() {
      for (const { response } of streams.values()) response.end()
    },
  }
}

/** What was told last, or would have been. */
interface Told extends Pick<DeparturesView, 'timestamp' | 'halt' | 'halts'> {
  /** `TRAIN/CHANNEL` -> what its hosts can read. */
  channels: Map<string, string>
}

async function toldOf(
  view: DeparturesView,
  streams: readonly Pick<Stream, 'train' | 'channel'>[],
): Promise<Told> {
  const { timestamp, halt, halts } = view
  const channels = new Map<string, string>()
  for (const { train, channel } of streams) {
    const name = nameOf({ train, channel })
    if (!channels.has(name)) channels.set(name, (await view.channel(train, channel)).digest)
  }
  return { timestamp, halt, halts, channels }
}

function nameOf({ train, channel }: Pick<Stream, 'train' | 'channel'>): string {
  return `${train}/${channel}`
}

function send({ response }: Stream, text: string): void {
  if (response.writableLength > mostUnread) response.destroy()
  else response.write(text)
}
