import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../model/index.ts'
import { type FsStore, openFsStore } from './store.ts'
import { mountTmpfs, type Tmpfs } from './tmpfs.fixture.ts'

let disk: Tmpfs
let store: FsStore

beforeEach(() => {
  disk = mountTmpfs('size=4m')
  store = openFsStore(disk.directory)
})
afterEach(() => {
  store.close()
  disk.remove()
})

const small = Buffer.alloc(50_000, 'small')
const large = Buffer.alloc(10_000_000, 'larger than the disk')

describe('on a full disk', () => {
  it('a blob stops with a clear error, keeps what came, and goes on when there is space', async () => {
    const digest = await store.blobs.put(small)
    const writer = (await store.blobs.resume(digestOf(large), large.length))!
    const failure = await writeAll(writer, large).catch(error => error)
    expect(failure).toMatchObject({ code: 'no-space' })
    expect(failure.message).toContain(disk.directory)
    expect(failure.message).toContain(digestOf(large))
    expect(failure.hint).toContain('gc')
    await writer.keep()
    expect((await store.blobs.read(digest, small.length)).equals(small)).toBe(true)

    disk.remount('size=64m')
    const next = (await store.blobs.resume(digestOf(large), large.length))!
    expect(next.offset).toBeGreaterThan(1_000_000)
    await writeAll(next, large.subarray(next.offset))
    await next.commit()
    expect((await store.blobs.read(digestOf(large), large.length)).equals(large)).toBe(true)
  })

  it('a commit that cannot finish keeps the partial bytes for the next attempt', async () => {
    const writer = (await store.blobs.resume(digestOf(large), large.length))!
    await writeAll(writer, large).catch(() => {})
    await expect(writer.commit()).rejects.toMatchObject({ code: 'no-space' })
    const next = (await store.blobs.resume(digestOf(large), large.length))!
    expect(next.offset).toBeGreaterThan(1_000_000)
    await next.discard()
    expect(readdirSync(join(disk.directory, 'partial'))).toEqual([])
  })

  it('pages, refs and whole blobs leave what was there, and no temporary files', async () => {
    await store.refs.write('kept', 'old')
    const pages = Array.from({ length: 200 }, (_, index) => incompressible(40_000, index))
    await expect(store.pages.write(pages)).rejects.toMatchObject({ code: 'no-space' })
    await expect(store.blobs.put(large)).rejects.toMatchObject({ code: 'no-space' })
    await expect(store.refs.write('kept', 'x'.repeat(5_000_000))).rejects.toMatchObject({ code: 'no-space' })
    await expect(store.refs.create('new', 'x'.repeat(5_000_000))).rejects.toMatchObject({ code: 'no-space' })
    expect(await store.refs.read('kept')).toBe('old')
    expect(await store.refs.list('')).toEqual(['kept'])
    for await (const page of store.pages.list()) expect(page).toBe('not kept, since the batch failed')
    expect(readdirSync(join(disk.directory, 'tmp'))).toEqual([])
  })

  it('a lock can still be taken', async () => {
    await store.blobs.put(large).catch(() => {})
    const lock = await store.locks.acquire('debian')
    expect(lock).toBeDefined()
    lock!.release()
  })

  it('says how much space there is, before the yard exists too', async () => {
    expect(await store.blobs.freeSpace()).toBeLessThanOrEqual(4 * 1024 * 1024)
    const later = openFsStore(join(disk.directory, 'not/yet'))
    expect(await later.blobs.freeSpace()).toBe(await store.blobs.freeSpace())
    expect(existsSync(join(disk.directory, 'not'))).toBe(false)
  })
})

describe('on a read-only disk', () => {
  it('reads go on, writes say why not', async () => {
    const digest = await store.blobs.put(small)
    const page = incompressible(1000, 1)
    await store.pages.write([page])
    await store.refs.write('kept', 'old')
    store.close()
    disk.remount('ro')
    store = openFsStore(disk.directory)
    expect(await store.blobs.size(digest)).toBe(small.length)
    expect(await store.refs.read('kept')).toBe('old')
    expect(Buffer.from(await store.pages.read(page.digest)).equals(page.bytes)).toBe(true)
    const attempts = [
      () => store.blobs.put(Buffer.from('new')),
      () => store.blobs.resume(digestOf(large), large.length),
      () => store.blobs.remove(digest),
      () => store.pages.write([incompressible(1000, 2)]),
      () => store.refs.write('kept', 'new'),
      () => store.refs.create('new', 'new'),
      () => store.locks.acquire('debian'),
    ]
    for (const attempt of attempts) {
      const failure = await attempt().catch(error => error)
      expect(failure).toMatchObject({ code: 'unavailable' })
      expect(failure.message).toContain(disk.directory)
    }
    expect(await store.blobs.put(small)).toBe(digest)
  })
})

async function writeAll(writer: { write(chunk: Uint8Array): Promise<void> }, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += 100_000) await writer.write(bytes.subarray(at, at + 100_000))
}

function incompressible(size: number, seed: number) {
  const bytes = Buffer.allocUnsafe(size)
  let state = seed
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[i] = state >>> 24
  }
  return { digest: digestOf(bytes), bytes }
}
