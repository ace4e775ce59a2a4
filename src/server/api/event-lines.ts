import { setTimeout as delay } from 'node:timers/promises'
import type { Told } from './answerers.ts'

/** In milliseconds. */
const times = {
  /** A line comes at least so often: what stands between may give up on a silent connection. */
  heartbeat: 15_000,
  /** An operation that fails within that time, and before its first event, is answered with its status. */
  patience: 1_000,
}
/** Events that nobody has read yet; beyond, those of progress are dropped. */
const mostWaiting = 1_000

/**
 * Runs a long operation: its events as lines of JSON, then its result or its error. What fails at once is thrown, so that
 * it can be answered with its own status.
 */
export async function eventLines(
  work: (told: Required<Omit<Told, 'signal' | 'why'>>) => Promise<unknown>,
  errorBody: (error: unknown) => object,
  { patience, heartbeat } = times,
): Promise<AsyncIterable<string>> {
  const waiting: object[] = []
  let wake = () => {}
  let ended = false
  let failed = false
  const news = () => new Promise<void>(resolve => (wake = resolve))
  const first = news()
  const tell = (line: object) => {
    waiting.push(line)
    wake()
  }
  const done = work({
    onEvent: event => {
      if (waiting.length < mostWaiting || event.kind !== 'progress') tell({ event })
    },
    onVerdict: verdict => tell({ verdict }),
  }).then(
    result => ({ result }),
    error => {
      failed = true
      return { error }
    },
  )
  void done.then(() => {
    ended = true
    wake()
  })
  await within(first, patience)
  if (failed && waiting.length === 0) throw ((await done) as { error: unknown }).error

  async function* lines(): AsyncIterable<string> {
    for (;;) {
      const next = news()
      for (const line of waiting.splice(0)) yield lineOf(line)
      if (waiting.length > 0) continue
      if (ended) break
      if (!(await within(next, heartbeat))) yield '\n'
    }
    const outcome = await done
    yield lineOf('error' in outcome ? errorBody(outcome.error) : outcome)
  }
  return lines()
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`
}

/** Whether it came in time. */
async function within(news: Promise<void>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController()
  const late = delay(milliseconds, false, { signal: timer.signal, ref: false }).catch(() => false)
  const came = await Promise.race([news.then(() => true), late])
  timer.abort()
  return came
}
