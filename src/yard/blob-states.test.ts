import { describe, expect, it } from 'vitest'
import type { Catalog } from '../catalog/index.ts'
import { type Digest, digestOf, YardError } from '../model/index.ts'
import { openMemoryStore } from '../store/index.ts'
import { createBlobStates } from './blob-states.ts'

function world() {
  const store = openMemoryStore()
  const told: [string, Digest[]][] = []
  const catalog = {
    reachable: true,
    markBlobs: async (digests: Iterable<Digest>, state: string) => void told.push([state, [...digests]]),
  }
  const states = createBlobStates({
    refs: store.refs,
    locks: store.locks,
    id: 'one',
    catalog: async () => {
      if (!catalog.reachable) throw new Error('the database is gone')
      return catalog as unknown as Catalog
    },
  })
  return { catalog, told, states, blobs: states.watch(store.blobs), flags: () => store.refs.list('arrivals') }
}

const bytes = Buffer.from('a blob')
const digest = digestOf(bytes)

describe('blobs that arrive', () => {
  it('are told to the catalog, however they come', async () => {
    const { blobs, states, told } = world()
    await blobs.put(bytes)
    const other = Buffer.from('another')
    const writer = await blobs.resume(digestOf(other), other.length)
    await writer!.write(other)
    await writer!.commit()
    await states.flush()
    expect(told).toEqual([['local', [digest, digestOf(other)]]])
  })

  it('leave a ref while the catalog does not know of them, and none after', async () => {
    const { blobs, states, flags } = world()
    const writer = await blobs.resume(digest, bytes.length)
    expect(await flags()).toEqual(['one.json'])
    await states.flush()
    expect(await flags()).toEqual(['one.json'])
    await writer!.write(bytes)
    await writer!.commit()
    await states.flush()
    expect(await flags()).toEqual([])
    await blobs.put(Buffer.from('again'))
    expect(await flags()).toEqual(['one.json'])
  })

  it('are remembered while the database is gone', async () => {
    const { blobs, catalog, flags, states, told } = world()
    catalog.reachable = false
    await blobs.put(bytes)
    await states.flush()
    expect([told, await flags()]).toEqual([[], ['one.json']])
    catalog.reachable = true
    await states.flush()
    expect([told, await flags()]).toEqual([[['local', [digest]]], []])
  })

  it('come again once a disk that was full has space', async () => {
    const store = openMemoryStore()
    let full = true
    const refs = {
      ...store.refs,
      write: (name: string, text: string) =>
        full ? Promise.reject(new YardError('no-space', 'full')) : store.refs.write(name, text),
    }
    const states = createBlobStates({
      refs,
      locks: store.locks,
      id: 'one',
      catalog: async () => ({ markBlobs: async () => {} }) as unknown as Catalog,
    })
    const blobs = states.watch(store.blobs)
    await expect(blobs.put(bytes)).rejects.toMatchObject({ code: 'no-space' })
    await expect(blobs.resume(digest, bytes.length)).rejects.toMatchObject({ code: 'no-space' })
    full = false
    expect(await blobs.put(bytes)).toBe(digest)
    expect(await store.refs.list('arrivals')).toEqual(['one.json'])
    await states.flush()
    expect(await store.refs.list('arrivals')).toEqual([])
  })

  it('do not come when the writer gives up', async () => {
    const { blobs, states, told } = world()
    await (await blobs.resume(digest, bytes.length))!.discard()
    await states.flush()
    expect(told).toEqual([])
  })
})
