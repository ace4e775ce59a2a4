import { readlinkSync } from 'node:fs'
import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Tells the directories of this process from those of others, and of other machines that share the disk. */
function prefixOf(pid: number): string {
  const namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')
  return `switchyard-sandbox-${namespace}-${pid}-`
}

/** A new directory for one sandbox, only its owner's. */
export function makeScratch(): Promise<string> {
  return mkdtemp(join(tmpdir(), prefixOf(process.pid)))
}

/** Directories that processes of ours have left behind because they were killed. */
export async function leftScratches(): Promise<string[]> {
  const pattern = new RegExp(`^${prefixOf(0).replace(/0-$/, '(\\d+)-')}`)
  const names = await readdir(tmpdir())
  return names.flatMap(name => {
    const pid = Number(pattern.exec(name)?.[1])
    return Number.isInteger(pid) && !isAlive(pid) ? [join(tmpdir(), name)] : []
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
