import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import type { Served } from '../archive-server.ts'
import type { Signing } from '../signing.ts'

/** What a repository holds, and how createrepo_c describes it. */
export interface RpmContent {
  /** By path within the repository. */
  packages: ReadonlyMap<string, Buffer>
  /** Further arguments of createrepo_c. */
  createrepo?: string[]
  /** Further metadata by type, which modifyrepo_c adds: `updateinfo`, `modules`; `group` is comps.xml. */
  metadata?: { [type: string]: string }
  /** Key that signs repomd.xml. */
  signedBy?: Parameters<Signing['detached']>[1]
}

/** An RPM repository as createrepo_c makes it. */
export interface RpmRepository extends Served {
  files: Map<string, Buffer>
  /** Replaces what it holds. */
  publish(content: RpmContent): void
}

export function createRpmRepository(signing: Signing, content: RpmContent): RpmRepository {
  const files = new Map<string, Buffer>()
  const repository: RpmRepository = {
    files,
    publish(next) {
      const made = describe(next, signing)
      files.clear()
      for (const [path, bytes] of made) files.set(path, bytes)
    },
  }
  repository.publish(content)
  return repository
}

/** When every package file was written, in seconds since 1970. */
const builtAt = 1_700_000_000

function describe(content: RpmContent, signing: Signing): Map<string, Buffer> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-rpms-'))
  try {
    for (const [path, bytes] of content.packages) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), bytes)
      // Primary tells it, and what did not change is described as before.
      utimesSync(join(directory, path), builtAt, builtAt)
    }
    const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' })
    run('createrepo_c', '--quiet', '--no-database', ...(content.createrepo ?? []), directory)
    const repodata = join(directory, 'repodata')
    for (const [type, text] of Object.entries(content.metadata ?? {})) {
      const file = join(directory, type === 'modules' ? 'modules.yaml' : `${type}.xml`)
      writeFileSync(file, text)
      run('modifyrepo_c', '--mdtype', type, file, repodata)
      rmSync(file)
    }
    const files = filesBelow(directory)
    if (content.signedBy !== undefined) {
      const repomd = files.get('repodata/repomd.xml')!
      files.set('repodata/repomd.xml.asc', signing.detached(repomd, content.signedBy))
    }
    return files
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function filesBelow(directory: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name)
      files.set(relative(directory, path), readFileSync(path))
    }
  return files
}
