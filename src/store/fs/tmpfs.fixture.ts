import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A small file system of its own, to be filled up or made read-only. */
export interface Tmpfs {
  directory: string
  /** Mount options: `size=64m`, `ro`. */
  remount(options: string): void
  remove(): void
}

export function mountTmpfs(options: string): Tmpfs {
  const directory = mkdtempSync(join(tmpdir(), 'tmpfs-'))
  mount('-t', 'tmpfs', '-o', options, 'tmpfs', directory)
  return {
    directory,
    remount: changed => mount('-o', `remount,${changed}`, directory),
    remove() {
      execFileSync('umount', [directory])
      rmdirSync(directory)
    },
  }
}

function mount(...options: string[]): void {
  try {
    execFileSync('mount', options, { stdio: 'pipe' })
  } catch (cause) {
    throw new Error(
      'these tests mount a small tmpfs to see a full and a read-only disk, which is not permitted here: run them as root, or in `unshare --map-root-user --mount`',
      { cause },
    )
  }
}
