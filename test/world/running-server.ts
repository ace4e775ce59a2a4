import type { OutgoingHttpHeaders } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Answer, ask } from './ask.ts'
import { type RunningCommand, startCommand, type TestYard } from './test-yard.ts'

/** `switchyard serve` as a process of its own: whatever a test does to the yard, another process does. */
export interface RunningServer {
  url: string
  /** The path goes over the wire exactly as given. */
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Answer>
  /** The text of a setup file, such as `debian/latest/apt.sources`. */
  setup(path: string): Promise<string>
  /** What it has written so far. */
  log(): string
  /** Its answers so far, out of its log. */
  answers(): { method: string; path: string; status: number }[]
  /** Ends it, unless told otherwise as an operator does, and waits for that. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a server over the yard, on the address that its switchyard.yaml names. */
export async function startServer(
  yard: TestYard,
  environment: NodeJS.ProcessEnv = {},
): Promise<RunningServer> {
  const running = startCommand(['serve', '--log-level', 'info', '--yard', yard.directory], environment)
  const url = await urlOf(running)
  const get = (path: string, headers: OutgoingHttpHeaders = {}) => ask(url, path, { headers })
  return {
    url,
    get,
    async setup(path) {
      const { status, body } = await get(`/setup/${path}`)
      expect(status, body.toString()).toBe(200)
      return body.toString()
    },
    log: () => running.stderr(),
    answers: () => answersIn(running.stderr()),
    async stop(signal = 'SIGTERM') {
      running.kill(signal)
      await running.done
    },
  }
}

async function urlOf(running: RunningCommand): Promise<string> {
  let ended = false
  void running.done.then(() => {
    ended = true
  })
  for (;;) {
    const url = /^serving at (\S+)$/m.exec(running.stderr())?.[1]
    if (url !== undefined) return url
    if (ended) throw new Error(`the server ended:\n${running.stderr()}`)
    await delay(20)
  }
}

function answersIn(log: string): ReturnType<RunningServer['answers']> {
  return log
    .split('\n')
    .filter(line => line.includes('"answered"'))
    .map(line => JSON.parse(line))
}
