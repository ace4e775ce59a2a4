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

/** A machine's clocks; tests bring others. */
export interface MachineClock {
  read(): ClockReading
  /** Whether something keeps the clock right. Asked only when it matters, because that may be a process more. */
  isSynchronised(): boolean
}

export const machineClock: MachineClock = { read: readClock, isSynchronised: isClockSynchronised }

function readClock(): ClockReading {
  return {
    now: Date.now(),
    uptime: Math.round(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000),
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
  }
}

/**
 * timesyncd says so in a file; of every other service (chrony, a hypervisor) the kernel knows, and tells it through adjtimex, which
 * timedatectl reads.
 */
function isClockSynchronised(): boolean {
  if (existsSync('/run/systemd/timesync/synchronized')) return true
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const asked = spawnSync('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
    encoding: 'latin1',
    timeout: 5_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return asked.stdout?.trim() === 'yes'
}
