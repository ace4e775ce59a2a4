import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { describeBlobs } from '../blobs.suite.ts'
import { describeLocks } from '../locks.suite.ts'
import { describePages } from '../pages.suite.ts'
import { describeRefs } from '../refs.suite.ts'
import { layoutOf } from './layout.ts'
import { openFsStore } from './store.ts'

async function yard() {
  const directory = await mkdtemp(join(tmpdir(), 'fs store '))
  const store = openFsStore(directory)
  const remove = async (): Promise<void> => {
    store.close()
    await rm(directory, { recursive: true })
  }
  return { layout: layoutOf(directory), store, others: openFsStore(directory), remove }
}

async function overwrite(file: string, bytes: Uint8Array): Promise<void> {
  await chmod(file, 0o644)
  await writeFile(file, bytes)
}

describeBlobs('a directory', async () => {
  const { layout, store, remove } = await yard()
  return { blobs: store.blobs, overwrite: (digest, bytes) => overwrite(layout.blob(digest), bytes), remove }
})

describePages('a directory', async () => {
  const { layout, store, remove } = await yard()
  return {
    pages: store.pages,
    overwrite: (digest, bytes) => overwrite(layout.page(digest), zstdCompressSync(bytes)),
    remove,
  }
})

describeRefs('a directory', async () => {
  const { store, others, remove } = await yard()
  return { refs: store.refs, others: others.refs, remove }
})

describeLocks('a directory', async () => {
  const { store, others, remove } = await yard()
  return { locks: store.locks, others: others.locks, remove }
})
