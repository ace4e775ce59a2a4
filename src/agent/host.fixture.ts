import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { ClockReading } from './host/clock.ts'
import { layoutOf } from './host/layout.ts'
import { run } from './program.ts'
import type { Settings } from './settings.ts'

/** A host below a directory of its own, whose clock a test sets; its program runs in this process. */
export function createHost(root = mkdtempSync(join(tmpdir(), 'agent-host-'))) {
  // Of another user's on some hosts.
  chmodSync(root, 0o755)
  const layout = layoutOf(root)
  const clock = {
    /** Milliseconds by which the host's clock is ahead of this machine's. */
    ahead: 0,
    uptime: 1_000_000,
    boot: '00000000-0000-4000-8000-000000000001',
    synchronised: true,
  }
  const read = (): ClockReading => ({ now: Date.now() + clock.ahead, uptime: clock.uptime, boot: clock.boot })
  const write = (file: string, text: string) => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  write(layout.machineId, `${'a1'.repeat(16)}\n`)
  write(layout.osRelease, 'ID=debian\nVERSION_ID="12"\n')
  return {
    root,
    layout,
    clock,
    /** Time that passes on all of the host's clocks. */
    pass(milliseconds: number) {
      clock.ahead += milliseconds
      clock.uptime += milliseconds
    },
    settings: (settings: Partial<Settings>) => write(layout.settings, JSON.stringify(settings)),
    async agent(...words: string[]) {
      const said = { out: '', err: '' }
      const terminal = {
        out: (text: string) => {
          said.out += text
        },
        err: (text: string) => {
          said.err += text
        },
      }
      const machine = { read, isSynchronised: () => clock.synchronised }
      const status = await run([...words, '--root', root], terminal, machine)
      return { status, ...said }
    },
    async enroll(file: object) {
      const path = join(root, 'enrolment.json')
      write(path, JSON.stringify(file))
      return this.agent('enroll', path)
    },
    /** Its disk, on another machine. */
    copy() {
      const other = createHost()
      cpSync(layout.state, other.layout.state, { recursive: true })
      return other
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

export type HostFixture = ReturnType<typeof createHost>

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(10)
}
