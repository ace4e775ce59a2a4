import { afterEach, describe, expect, it } from 'vitest'
import {
  type Answer,
  breakOffAfter,
  fetcherFor,
  requestFor,
  serve,
  someBytes,
  startServer,
  type TestServer,
} from './server.fixture.ts'
import { watchBlobs } from './watched-blobs.fixture.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

async function server(answer: Answer): Promise<TestServer> {
  const started = await startServer(answer)
  servers.push(started)
  return started
}

const bytes = someBytes(1_000_000)
const request = requestFor(bytes)

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Reads a stream to its end or failure, keeping what came. */
async function tryCollect(stream: AsyncIterable<Uint8Array>): Promise<{ got: Buffer; error: unknown }> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk)
    return { got: Buffer.concat(chunks), error: undefined }
  } catch (error) {
    return { got: Buffer.concat(chunks), error }
  }
}

describe('a streamed blob', () => {
  it('comes whole and is in the store afterwards', async () => {
    const { url } = await server(serve(bytes))
    const blobs = watchBlobs()
    const fetcher = await fetcherFor([url])
    expect((await collect(fetcher.stream(request, blobs))).equals(bytes)).toBe(true)
    expect(await blobs.has(request.digest)).toBe(true)
  })

  it('comes from the store when it is there', async () => {
    const blobs = watchBlobs()
    await blobs.put(bytes)
    const fetcher = await fetcherFor(['http://127.0.0.1:1'])
    expect((await collect(fetcher.stream(request, blobs))).equals(bytes)).toBe(true)
  })

  it('begins before the fetch has ended', async () => {
    let finish = (): void => {}
    const { url } = await server((_, response) => {
      response.writeHead(200, { 'Content-Length': bytes.length })
      response.write(bytes.subarray(0, 500_000))
      finish = () => response.end(bytes.subarray(500_000))
    })
    const fetcher = await fetcherFor([url])
    const blobs = watchBlobs()
    const stream = fetcher.stream(request, blobs)[Symbol.asyncIterator]()
    expect((await stream.next()).value!.length).toBeGreaterThan(0)
    expect(await blobs.has(request.digest)).toBe(false)
    finish()
    while (!(await stream.next()).done);
    expect(await blobs.has(request.digest)).toBe(true)
  })

  it('withholds its end until it is verified, and never sends it when it is wrong', async () => {
    const wrong = Buffer.from(bytes)
    wrong[wrong.length - 1]! ^= 1
    const { url } = await server(serve(wrong))
    const fetcher = await fetcherFor([url])
    const { got, error } = await tryCollect(fetcher.stream(request, watchBlobs()))
    expect(error).toMatchObject({ code: 'damaged' })
    expect(got.length).toBeGreaterThan(0)
    expect(got.length).toBeLessThanOrEqual(bytes.length - 65536)
  })

  it('fails rather than joins the bytes of a bad mirror and a good one', async () => {
    const bad = await server(serve(someBytes(bytes.length, 77)))
    const good = await server(serve(bytes))
    const fetcher = await fetcherFor([bad.url, good.url])
    const blobs = watchBlobs()
    const { got, error } = await tryCollect(fetcher.stream(request, blobs))
    expect(error).toMatchObject({ code: 'damaged' })
    expect(got.length).toBeLessThanOrEqual(bytes.length - 65536)
    expect(await blobs.has(request.digest)).toBe(true)
  })

  it('of 64 KiB or less sends nothing unverified', async () => {
    const small = someBytes(65536)
    const { url } = await server(serve(someBytes(65536, 5)))
    const { got, error } = await tryCollect((await fetcherFor([url])).stream(requestFor(small), watchBlobs()))
    expect(got).toHaveLength(0)
    expect(error).toMatchObject({ code: 'damaged' })
  })

  it('is not disturbed by an interruption', async () => {
    const { url } = await server((incoming, response, count) =>
      (count === 1 ? breakOffAfter(bytes, 400_000) : serve(bytes))(incoming, response, count),
    )
    const fetcher = await fetcherFor([url])
    expect((await collect(fetcher.stream(request, watchBlobs()))).equals(bytes)).toBe(true)
  })

  it('comes whole where an earlier attempt left its beginning', async () => {
    const { url } = await server(serve(bytes))
    const blobs = watchBlobs()
    await blobs.leave(request, bytes.subarray(0, 300_000))
    expect((await collect((await fetcherFor([url])).stream(request, blobs))).equals(bytes)).toBe(true)
  })

  it('is fetched once for many readers, early and late, fast and slow', async () => {
    const large = someBytes(12 * 1024 * 1024)
    const { url, requests } = await server(serve(large))
    const fetcher = await fetcherFor([url])
    const blobs = watchBlobs()
    const slow = async (): Promise<Buffer> => {
      const chunks: Uint8Array[] = []
      for await (const chunk of fetcher.stream(requestFor(large), blobs)) {
        chunks.push(chunk)
        if (chunks.length < 5) await new Promise(resolve => setTimeout(resolve, 40))
      }
      return Buffer.concat(chunks)
    }
    const late = async (): Promise<Buffer> => {
      await new Promise(resolve => setTimeout(resolve, 10))
      return collect(fetcher.stream(requestFor(large), blobs))
    }
    const all = await Promise.all([collect(fetcher.stream(requestFor(large), blobs)), slow(), late()])
    expect(all.map(each => each.equals(large))).toEqual([true, true, true])
    expect(requests).toHaveLength(1)
  })

  it('is given up when its only reader leaves, and what arrived is kept', async () => {
    const { url } = await server((_, response) => {
      response.writeHead(200, { 'Content-Length': bytes.length })
      response.write(bytes.subarray(0, 300_000))
    })
    const blobs = watchBlobs()
    const fetcher = await fetcherFor([url])
    for await (const chunk of fetcher.stream(request, blobs)) if (chunk.length > 0) break
    await fetcher.close()
    expect(await blobs.partialLength(request)).toBeGreaterThan(0)
  })

  it('ends with cancelled for the reader whose signal is aborted', async () => {
    const { url } = await server((_, response) => {
      response.writeHead(200, { 'Content-Length': bytes.length })
      response.write(bytes.subarray(0, 300_000))
    })
    const fetcher = await fetcherFor([url])
    const signal = AbortSignal.timeout(100)
    const { error } = await tryCollect(fetcher.stream(request, watchBlobs(), { signal }))
    expect(error).toMatchObject({ code: 'cancelled' })
    await fetcher.close()
  })

  it('fails like a blob when nobody has it', async () => {
    const { url } = await server((_, response) => response.writeHead(404).end())
    const { error } = await tryCollect((await fetcherFor([url])).stream(request, watchBlobs()))
    expect(error).toMatchObject({ code: 'incomplete' })
  })
})
