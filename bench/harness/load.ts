import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/** CPU seconds that all processes of the machine have used since it started; waiting for disks is not work. */
export function busySeconds(): number {
  const fields = readFileSync('/proc/stat', 'latin1').split('\n')[0]!.split(/\s+/).map(Number)
  const [user, nice, system, , , interrupts, softInterrupts, stolen] = fields.slice(1) as number[]
  return (user! + nice! + system! + interrupts! + softInterrupts! + stolen!) / 100
}

/** CPU seconds that a process has used since it started, in steps of 10 ms. */
export function cpuSecondsOf(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ').slice(11, 13)
  return (Number(user) + Number(system)) / 100
}

/** Runnable processes of the last minute. */
export function load(): number {
  return loadavg()[0]!
}

/** Half a second in which others used less than this share of one core counts as quiet. */
const quietShare = 0.15

/** Waits until the machine is quiet, at most so many seconds; a measurement on a busy machine shows its load. */
export async function waitForQuiet(seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const before = busySeconds()
    await delay(500)
    if (busySeconds() - before < quietShare * 0.5) return
  }
}
