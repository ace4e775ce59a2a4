import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A process that plays a part of crash.fixture.ts. */
export interface Child {
  pid: number
  /** The next line that it says; undefined once it has ended. */
  line(): Promise<string | undefined>
  /** Resolves once it is gone. Whatever it still said can be read. */
  kill(): Promise<void>
  /** Its exit status, undefined when it was killed. */
  ended: Promise<number | undefined>
}

export function play(part: string, directory: string): Child {
  const program = new URL('crash.fixture.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, part, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<number | undefined>(resolve =>
    child.on('exit', code => resolve(code ?? undefined)),
  )
  return {
    pid: child.pid!,
    line: async () => {
      const { value, done } = await lines.next()
      return done ? undefined : value
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    ended,
  }
}
