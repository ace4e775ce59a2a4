import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { cpuSecondsOf } from './load.ts'
import type { OurYard } from './our-yard.ts'

/** Our server until it is stopped. */
export async function serveYard(yard: OurYard) {
  const { program, args } = yard.command('serve')
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /serving at (http:\S+)/.exec(line)?.[1]
    if (url === undefined) continue
    child.stderr.resume()
    return {
      url: url.replace(/\/$/, ''),
      pid: child.pid!,
      cpuSeconds: () => cpuSecondsOf(child.pid!),
      peakBytes: () =>
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))![1]) * 1024,
      async stop() {
        child.kill('SIGTERM')
        await exited
      },
    }
  }
  throw new Error('the server ended before it served')
}
