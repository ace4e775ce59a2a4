import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { YardError } from '../../model/index.ts'
import { type Blobs, openFsStore } from '../../store/index.ts'
import type { BlobRequest } from '../fetcher.ts'
import { fetchMany } from './fetch-many.ts'
import {
  fetcherFor,
  requestFor,
  serve,
  someBytes,
  startServer,
  status,
  type TestServer,
} from './server.fixture.ts'
import { watchBlobs } from './watched-blobs.fixture.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

const contents = Array.from({ length: 40 }, (_, i) => someBytes(5000 + i, i + 1))
const requests = contents.map((bytes, i) => requestFor(bytes, `pool/${i}`))

async function pool(missing: number[] = []): Promise<TestServer> {
  const server = await startServer((request, response, count) => {
    const index = Number(request.url!.split('/').at(-1))
    ;(missing.includes(index) ? status(404) : serve(contents[index]!))(request, response, count)
  })
  servers.push(server)
  return server
}

async function countOf(blobs: Blobs): Promise<number> {
  let count = 0
  for await (const blob of blobs.list()) if (blob.size > 0) count++
  return count
}

describe('many blobs', () => {
  it('are all brought, and each is told once', async () => {
    const { url } = await pool()
    const blobs = watchBlobs()
    await blobs.put(contents[3]!)
    const told = new Map<BlobRequest, boolean>()
    const fetcher = await fetcherFor([url])
    const failures = await fetcher.blobs(requests, blobs, {
      onDone: (request, fetched) => told.set(request, fetched),
    })
    expect(failures).toEqual([])
    expect(await countOf(blobs)).toBe(40)
    expect(told.size).toBe(40)
    expect([...told].filter(([, fetched]) => !fetched).map(([request]) => request.paths)).toEqual([
      ['pool/3'],
    ])
    expect(fetcher.cost()).toMatchObject({ requests: 39, files: 39 })
  })

  it('are brought into a directory, and resumed there', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'switchyard-fetch-'))
    const store = openFsStore(directory)
    const half = await store.blobs.resume(requests[7]!.digest, requests[7]!.size)
    await half!.write(contents[7]!.subarray(0, 2000))
    await half!.keep()
    const { url, requests: asked } = await pool()
    expect(await (await fetcherFor([url])).blobs(requests, store.blobs)).toEqual([])
    expect(await countOf(store.blobs)).toBe(40)
    expect(asked.find(each => each.path === '/pool/7')!.range).toBe('bytes=2000-5006')
    for (const [i, bytes] of contents.entries())
      expect((await store.blobs.read(requests[i]!.digest, 10_000)).equals(bytes)).toBe(true)
    store.close()
    await rm(directory, { recursive: true })
  })

  it('go on after a failure, and every failure is reported', async () => {
    const { url } = await pool([5, 17])
    const blobs = watchBlobs()
    const failures = await (await fetcherFor([url])).blobs(requests, blobs)
    expect(failures.map(each => [each.request.paths[0], (each.error as YardError).code]).sort()).toEqual([
      ['pool/17', 'incomplete'],
      ['pool/5', 'incomplete'],
    ])
    expect(await countOf(blobs)).toBe(38)
  })

  it('that were brought before are not fetched again after a failed run', async () => {
    const first = await pool([5])
    const second = await pool()
    const blobs = watchBlobs()
    await (await fetcherFor([first.url])).blobs(requests, blobs)
    await (await fetcherFor([second.url])).blobs(requests, blobs)
    expect(second.requests.map(each => each.path)).toEqual(['/pool/5'])
  })

  it('end with cancelled when aborted', async () => {
    const stop = new AbortController()
    const { url } = await pool()
    const fetcher = await fetcherFor([url])
    const onDone = (): void => stop.abort()
    const running = fetcher.blobs(requests, watchBlobs(), { signal: stop.signal, onDone })
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('are not asked for any more when nobody answers, and still reported each', async () => {
    let asked = 0
    const many = Array.from({ length: 1000 }, (_, i) => ({ ...requests[0]!, paths: [`${i}`] }))
    const bring = async (): Promise<boolean> => {
      asked++
      throw new YardError('unavailable', 'nobody answers')
    }
    const failures = await fetchMany(many, 4, bring, undefined, undefined)
    expect(failures).toHaveLength(1000)
    expect(asked).toBeLessThan(80)
    expect((failures.at(-1)!.error as YardError).message).toMatch(/not asked for.*nobody answers/)
  })

  it('are not asked for any more when the disk is full', async () => {
    let asked = 0
    const bring = async (): Promise<boolean> => {
      asked++
      throw new YardError('no-space', 'full')
    }
    const failures = await fetchMany(requests, 2, bring, undefined, undefined)
    expect(failures).toHaveLength(40)
    expect(asked).toBeLessThan(8)
  })
})
