import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** What the machine says of time, in one moment. */
export interface ClockReading {
  /** Milliseconds since the epoch: what anybody may have set. */
  now: number
  /** CLOCK_BOOTTIME in milliseconds: nobody sets it, and it counts while the machine sleeps. */
  uptime: number
  /** The kernel's boot_id. */
  boot: string
}

export function readClock(): ClockReading {
  return {
    now: Date.now(),
    uptime: Math.round(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000),
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
  }
}

/**
 * Whether something keeps the clock right: timesyncd says so in a file; of every other service (chrony, a hypervisor) the kernel knows,
 * and tells it through adjtimex, which timedatectl reads. Asked only when it matters, because that is a process more.
 */
export function isClockSynchronised(): boolean {
  if (existsSync('/run/systemd/timesync/synchronized')) return true
  const asked = spawnSync('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
    encoding: 'latin1',
    timeout: 5_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return asked.stdout?.trim() === 'yes'
}
