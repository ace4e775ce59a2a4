import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { StatementSigner } from '../statements/statement-key.ts'
import { createKeyFile, loadKeyFile } from './key-file.ts'

/** A yard's own keys that sign statements: the files `*.pem` of one directory. */
export interface KeysAtHand {
  /** Sorted by the names of their files; read at every call, because people put and remove them. @throws as loadKeyFile. */
  signers(): Promise<readonly StatementSigner[]>
  /** Makes the first key, `solo.pem`. @throws as createKeyFile. */
  makeFirst(): Promise<void>
}

export function keysAtHand(directory: string): KeysAtHand {
  return {
    async signers() {
      const names = (await filesIn(directory)).filter(name => name.endsWith('.pem')).sort()
      return Promise.all(names.map(name => loadKeyFile(join(directory, name))))
    },
    async makeFirst() {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await createKeyFile(join(directory, 'solo.pem'))
    },
  }
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
