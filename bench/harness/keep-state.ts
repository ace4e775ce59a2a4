import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from './run.ts'

/**
 * Keeps a copy of a directory and brings it back: big files that are never changed in place are hard links, what
 * `mutable` names (below it) is copied.
 */
export function keepState(directory: string, mutable: string[]) {
  const kept = `${directory}.kept`
  return {
    keep: () => copy(directory, kept, mutable),
    restore: () => copy(kept, directory, mutable),
  }
}

async function copy(from: string, to: string, mutable: string[]): Promise<void> {
  rmSync(to, { recursive: true, force: true })
  await run({ program: 'cp', args: ['-al', from, to] })
  for (const name of mutable) {
    rmSync(join(to, name), { recursive: true, force: true })
    if (existsSync(join(from, name)))
      await run({ program: 'cp', args: ['-a', join(from, name), dirname(join(to, name))] })
  }
}
