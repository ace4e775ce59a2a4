import { setTimeout } from 'node:timers/promises'
import { messageOf, YardError } from '../model/index.ts'
import { loadIdentity, loadSettings } from './host/agent-files.ts'
import type { Layout } from './host/layout.ts'
import { loadKey } from './host/own-key.ts'
import { wake } from './inbox.ts'
import { connectToYard, isTemporary } from './yard-client.ts'

/** Pauses between two attempts to connect, in milliseconds; they double, and each is drawn at random below. */
const [leastPause, mostPause] = [2_000, 10 * 60_000]

/** So long hosts spread over after one event, in milliseconds: a halt is not to wait. */
const [haltSpread, spread] = [2_000, 60_000]

/** A server that says nothing for so long is gone, in milliseconds. */
const silence = 3 * 60_000

/** More than any event has. */
const longestLine = 64 * 1024

/**
 * Holds one connection to the server, over which it says that there is something new; then wakes the agent. Nothing that comes is believed: a false
 * alarm costs one check.
 * @throws YardError `not-found` when this machine is no host, `refused` when the server will not talk with it.
 */
export async function listen(layout: Layout, log: (line: string) => void, stop: AbortSignal): Promise<void> {
  const say = (error: unknown) => log(`switchyard-agent: ${messageOf(error)}\n`)
  const waker = createWaker(() => wake(layout), say, stop)
  let pause = leastPause
  for (let isFirst = true; !stop.aborted; isFirst = false) {
    try {
      for await (const event of eventsOf(layout, stop)) {
        pause = leastPause
        // Whatever happened while nobody listened is news, too.
        if (event !== connected || !isFirst) waker.within(event === 'halt' ? haltSpread : spread)
      }
    } catch (error) {
      if (stop.aborted) return
      if (error instanceof YardError && error.code !== 'unavailable') throw error
      say(error)
    }
    await setTimeout(pause * (0.5 + Math.random() / 2), undefined, { signal: stop }).catch(() => {})
    pause = Math.min(pause * 2, mostPause)
  }
}

/** Comes first of what one connection brings: no event has this name. */
const connected = Symbol('connected')

/** The names of the server's events, until the connection ends. What else they hold does not matter. */
async function* eventsOf(layout: Layout, stop: AbortSignal): AsyncGenerator<string | typeof connected> {
  const identity = loadIdentity(layout)
  const key = loadKey(layout)
  if (identity === undefined || key === undefined) throw new YardError('not-found', 'this machine is no host')
  const { connection, origin } = connectToYard(identity, key.pem, loadSettings(layout).limits)
  const close = () => connection.close()
  stop.addEventListener('abort', close)
  try {
    const answer = await connection.open('/hosts/v1/events', silence)
    const status = answer.statusCode!
    if (status !== 200)
      throw new YardError(
        isTemporary(status) ? 'unavailable' : 'refused',
        `${origin} answers ${status} to whoever listens`,
      )
    yield connected
    let line = ''
    answer.setEncoding('utf8')
    for await (const text of answer as AsyncIterable<string>) {
      const lines = `${line}${text}`.split('\n')
      line = lines.pop()!
      if (line.length > longestLine) throw new Error(`${origin} sends a line that does not end`)
      for (const one of lines) {
        const name = /^event: ?(.*)$/.exec(one.trimEnd())?.[1]
        if (name !== undefined) yield name
      }
    }
  } finally {
    stop.removeEventListener('abort', close)
    close()
  }
}

/**
 * Wakes at a moment drawn at random, because all hosts hear of one event at once. However much there is to hear, one waking is ahead at most:
 * the earliest.
 */
function createWaker(wakeNow: () => void, say: (error: unknown) => void, stop: AbortSignal) {
  let ahead: { at: number; timer: NodeJS.Timeout } | undefined
  stop.addEventListener('abort', () => clearTimeout(ahead?.timer))
  const now = () => {
    ahead = undefined
    try {
      wakeNow()
    } catch (error) {
      say(error)
    }
  }
  return {
    /** Within so many milliseconds. */
    within(milliseconds: number) {
      const delay = Math.random() * milliseconds
      const at = performance.now() + delay
      if (stop.aborted || (ahead !== undefined && ahead.at <= at)) return
      clearTimeout(ahead?.timer)
      ahead = { at, timer: globalThis.setTimeout(now, delay) }
    },
  }
}
