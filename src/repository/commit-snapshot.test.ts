import { expect, it } from 'vitest'
import type { Job } from '../jobs/index.ts'
import { type AptSnapshot, digestOf, type Name, type SuiteRecord, type Timestamp } from '../model/index.ts'
import { openMemoryStore } from '../store/index.ts'
import { cachedPages, edit, emptyTree, encodeFileEntry } from '../tree/index.ts'
import { commitSnapshot } from './commit-snapshot.ts'
import type { RepositoryContext } from './context.ts'

const time = '20261121T064500Z' as Timestamp
const inRelease = Buffer.from('signed')

/** A store, and a catalog that must not be asked for a commit. */
function yard(): RepositoryContext {
  const store = openMemoryStore()
  return {
    ...store,
    configuration: { repositories: new Map() },
    trees: cachedPages(store.pages, 1_000_000),
    catalog: async () => ({ reissued: async () => [], lastTimestamp: async () => undefined }),
  } as unknown as RepositoryContext
}

async function snapshotOf(context: RepositoryContext, more: Partial<AptSnapshot>): Promise<AptSnapshot> {
  const value = encodeFileEntry({ sha256: digestOf(inRelease), size: inRelease.length })
  const entries = [{ key: 'dists/stable/InRelease', value }]
  await context.pages.write([emptyTree('packages')])
  const files = await edit(context.pages, emptyTree('files').digest, entries)
  const suite = { directory: 'dists/stable', suite: 'stable' } as SuiteRecord
  return {
    version: 1,
    repository: 'debian' as Name,
    timestamp: time,
    format: 'apt',
    kind: 'mirror',
    files: files.root,
    packages: emptyTree('packages').digest,
    fileCount: 1,
    byteCount: inRelease.length,
    packageCount: 0,
    suites: [suite],
    ...more,
  }
}

const commit = (context: RepositoryContext, record: AptSnapshot) =>
  commitSnapshot(context, record, undefined, { added: [], removed: [] }, {} as Job)

it('an on-demand snapshot whose InRelease a garbage collection took is not committed', async () => {
  const context = yard()
  await context.blobs.put(inRelease)
  const record = await snapshotOf(context, {})
  await context.blobs.remove(digestOf(inRelease))
  await expect(commit(context, record)).rejects.toMatchObject({
    code: 'damaged',
    message: expect.stringContaining('garbage collection'),
  })
})

it('an on-demand composition whose input was removed meanwhile is not committed', async () => {
  const context = yard()
  await context.blobs.put(inRelease)
  const inputs = [{ repository: 'debian' as Name, timestamp: time }]
  const record = await snapshotOf(context, { repository: 'base' as Name, kind: 'compose', inputs })
  await expect(commit(context, record)).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining('debian@20261121T064500Z was removed'),
  })
})
