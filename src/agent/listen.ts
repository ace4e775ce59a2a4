import { setTimeout } from 'node:timers/promises'
import { messageOf, YardError } from '../model/index.ts'
import { loadIdentity, loadSettings } from './host/agent-files.ts'
import type { Layout } from './host/layout.ts'
import { loadKey } from './host/own-key.ts'
import { wake } from './inbox.ts'
import { connectToYard } from './yard-client.ts'

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
  let pause = leastPause
  for (let isFirst = true; !stop.aborted; isFirst = false) {
    try {
      await follow(
        layout,
        () => {
          pause = leastPause
          // Whatever happened while nobody listened.
          if (!isFirst) wakeWithin(layout, spread, stop)
        },
        stop,
      )
    } catch (error) {
      if (error instanceof YardError && error.code !== 'unavailable') throw error
      log(`switchyard-agent: ${messageOf(error)}; tries again\n`)
    }
    await setTimeout(pause * (0.5 + Math.random() / 2), undefined, { signal: stop }).catch(() => {})
    pause = Math.min(pause * 2, mostPause)
  }
}

/** One connection, until it ends. */
async function follow(layout: Layout, connected: () => void, stop: AbortSignal): Promise<void> {
  const identity = loadIdentity(layout)
  const key = loadKey(layout)
  if (identity === undefined || key === undefined) throw new YardError('not-found', 'this machine is no host')
  const { connection, origin } = connectToYard(identity, key.pem, loadSettings(layout).limits)
  const close = () => connection.close()
  stop.addEventListener('abort', close)
  try {
    const answer = await connection.open('/hosts/v1/events')
    if (answer.statusCode !== 200)
      throw new YardError(
        answer.statusCode! >= 500 ? 'unavailable' : 'refused',
        `${origin} answers ${answer.statusCode} to whoever listens`,
      )
    connected()
    answer.socket.setTimeout(silence, () => answer.destroy(new Error(`${origin} has gone silent`)))
    let line = ''
    answer.setEncoding('utf8')
    for await (const text of answer as AsyncIterable<string>) {
      const lines = `${line}${text}`.split('\n')
      line = lines.pop()!
      if (line.length > longestLine) throw new Error(`${origin} sends a line that does not end`)
      for (const one of lines) take(one.trimEnd())
    }
  } finally {
    stop.removeEventListener('abort', close)
    close()
  }

  /** Server-sent events: what they are called is enough. */
  function take(line: string): void {
    const name = /^event: ?(.*)$/.exec(line)?.[1]
    if (name !== undefined) wakeWithin(layout, name === 'halt' ? haltSpread : spread, stop)
  }
}

/** At a moment drawn at random: all hosts hear of one event at once. */
function wakeWithin(layout: Layout, milliseconds: number, stop: AbortSignal): void {
  setTimeout(Math.random() * milliseconds, undefined, { signal: stop }).then(
    () => wake(layout),
    () => {},
  )
}
