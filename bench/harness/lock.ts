import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from './settings.ts'

/**
 * Keeps a second run out of the same directory, where each would clear what the other measures. Gives it back by the
 * function it returns; a run that died leaves a lock that the next one takes over.
 * @throws Error naming the process that holds it.
 */
export function lockDirectory({ directory }: Settings): () => void {
  const file = join(directory, 'running')
  const holder = holderOf(file)
  if (holder !== undefined)
    throw new Error(`process ${holder} is measuring in ${directory}: wait for it, or set BENCH_DIR`)
  rmSync(file, { force: true })
  writeFileSync(file, `${process.pid}\n`, { flag: 'wx' })
  return () => rmSync(file, { force: true })
}

function holderOf(file: string): number | undefined {
  try {
    const holder = Number(readFileSync(file, 'latin1'))
    process.kill(holder, 0)
    return holder
  } catch {
    return undefined
  }
}
