import { afterEach, describe, expect, it } from 'vitest'
import type { YardError } from '../../model/index.ts'
import {
  type Answer,
  breakOffAfter,
  fetcherFor,
  hurried,
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

async function server(answer: Answer): Promise<TestServer> {
  const started = await startServer(answer)
  servers.push(started)
  return started
}

/** Answers the first request one way and every later one another way. */
function firstly(first: Answer, later: Answer): Answer {
  return (request, response, count) => (count === 1 ? first : later)(request, response, count)
}

const bytes = someBytes(300_000)
const request = requestFor(bytes)

async function failure(promise: Promise<unknown>): Promise<YardError> {
  try {
    await promise
  } catch (error) {
    return error as YardError
  }
  throw new Error('it did not fail')
}

describe('a blob', () => {
  it('is fetched into the store, and true says that we brought it', async () => {
    const { url, requests } = await server(serve(bytes))
    const blobs = watchBlobs()
    const fetcher = await fetcherFor([`${url}/debian`])
    expect(await fetcher.blob(request, blobs)).toBe(true)
    expect((await blobs.bytes(request.digest)).equals(bytes)).toBe(true)
    expect(requests).toMatchObject([
      {
        path: '/debian/pool/a.deb',
        headers: { 'user-agent': 'switchyard/0.1.0', 'accept-encoding': 'identity' },
      },
    ])
    expect(fetcher.cost()).toEqual({ requests: 1, bytes: bytes.length, files: 1 })
  })

  it('that is here already costs no request', async () => {
    const { url, requests } = await server(serve(bytes))
    const blobs = watchBlobs()
    await blobs.put(bytes)
    expect(await (await fetcherFor([url])).blob(request, blobs)).toBe(false)
    expect(requests).toHaveLength(0)
  })

  it('that is here with another size than announced is an error', async () => {
    const blobs = watchBlobs()
    await blobs.put(bytes)
    const fetcher = await fetcherFor(['http://127.0.0.1:1'])
    await expect(fetcher.blob({ ...request, size: 7 }, blobs)).rejects.toMatchObject({ code: 'damaged' })
  })

  it('without bytes needs no request', async () => {
    const { url, requests } = await server(status(500))
    const blobs = watchBlobs()
    expect(await (await fetcherFor([url])).blob(requestFor(Buffer.alloc(0)), blobs)).toBe(true)
    expect(requests).toHaveLength(0)
  })

  it('is sent for under its bytes, percent-encoded', async () => {
    const { url, requests } = await server(serve(bytes))
    await (await fetcherFor([url])).blob(requestFor(bytes, 'pool/g++_1%3a2~\xe9.deb'), watchBlobs())
    expect(requests[0]!.path).toBe('/pool/g%2b%2b_1%253a2%7e%e9.deb')
  })

  it('of unknown length is read to its end', async () => {
    const { url } = await server((_, response) => response.end(bytes))
    const blobs = watchBlobs()
    expect(await (await fetcherFor([url])).blob(request, blobs)).toBe(true)
  })
})

describe('an interrupted blob', () => {
  it('is resumed where it stopped, without fetching a byte twice', async () => {
    const { url, requests } = await server(firstly(breakOffAfter(bytes, 100_000), serve(bytes)))
    const blobs = watchBlobs()
    const fetcher = await fetcherFor([url])
    await fetcher.blob(request, blobs)
    expect(requests[1]!.range).toBe('bytes=100000-299999')
    expect(blobs.written()).toBe(bytes.length)
    expect(fetcher.cost().bytes).toBe(bytes.length)
  })

  it('is resumed by the next fetcher from what was kept', async () => {
    const bad = await server(breakOffAfter(bytes, 120_000))
    const good = await server(serve(bytes))
    const blobs = watchBlobs()
    await failure((await fetcherFor([bad.url], { attempts: 1 })).blob(request, blobs))
    expect(await blobs.partialLength(request)).toBe(120_000)
    await (await fetcherFor([good.url])).blob(request, blobs)
    expect(good.requests[0]!.range).toBe('bytes=120000-299999')
  })

  it('that was complete but not yet committed needs no request', async () => {
    const { url, requests } = await server(serve(bytes))
    const blobs = watchBlobs()
    await blobs.leave(request, bytes)
    expect(await (await fetcherFor([url])).blob(request, blobs)).toBe(true)
    expect(requests).toHaveLength(0)
  })

  it('goes on although the server ignores Range: what we have is passed over, not written again', async () => {
    const ignoring: Answer = (_, response) =>
      response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes)
    const { url, requests } = await server(firstly(breakOffAfter(bytes, 100_000), ignoring))
    const blobs = watchBlobs()
    await (await fetcherFor([url])).blob(request, blobs)
    expect(requests).toHaveLength(2)
    expect(blobs.written()).toBe(bytes.length)
    expect(await blobs.has(request.digest)).toBe(true)
  })

  it.each<[string, Answer]>([
    [
      'answers another range',
      (_, r) => r.writeHead(206, { 'Content-Range': `bytes 5-299999/300000` }).end('x'),
    ],
    ['answers 416', status(416)],
  ])('asks for the whole when the server %s', async (_, answer) => {
    const { url, requests } = await server((incoming, response, count) => {
      if (count === 1) breakOffAfter(bytes, 100_000)(incoming, response, count)
      else if (incoming.headers.range !== undefined) answer(incoming, response, count)
      else serve(bytes)(incoming, response, count)
    })
    const blobs = watchBlobs()
    await (await fetcherFor([url])).blob(request, blobs)
    expect(requests.map(each => each.range)).toEqual([undefined, 'bytes=100000-299999', undefined])
    expect(await blobs.has(request.digest)).toBe(true)
  })

  it('with wrong bytes from an earlier attempt is not blamed on the mirror, which is asked for the whole', async () => {
    const { url, requests } = await server(serve(bytes))
    const blobs = watchBlobs()
    await blobs.leave(request, Buffer.alloc(1000, 'wrong'))
    expect(await (await fetcherFor([url])).blob(request, blobs)).toBe(true)
    expect(requests.map(each => each.range)).toEqual(['bytes=1000-299999', undefined])
  })

  it('that was complete but wrong is fetched anew', async () => {
    const { url } = await server(serve(bytes))
    const blobs = watchBlobs()
    await blobs.leave(request, Buffer.alloc(bytes.length, 'wrong'))
    expect(await (await fetcherFor([url])).blob(request, blobs)).toBe(true)
  })

  it('with wrong bytes from an earlier attempt is asked for as a whole once: a mirror that is wrong then too is blamed', async () => {
    const bad = await server(serve(someBytes(bytes.length, 9)))
    const good = await server(serve(bytes))
    const blobs = watchBlobs()
    await blobs.leave(request, Buffer.alloc(1000, 'wrong'))
    const fetcher = await fetcherFor([bad.url, good.url])
    expect(await fetcher.blob(request, blobs)).toBe(true)
    expect(bad.requests.map(each => each.range)).toEqual(['bytes=1000-299999', undefined])
    expect(good.requests.map(each => each.range)).toEqual([undefined])
  })

  it('that a bad mirror began and a good one ended is not blamed on the good one', async () => {
    const bad = await server(breakOffAfter(someBytes(bytes.length, 9), 100_000))
    const good = await server(serve(bytes))
    const fetcher = await fetcherFor([bad.url, good.url], { attempts: 1 })
    expect(await fetcher.blob(request, watchBlobs())).toBe(true)
    expect(good.requests.map(each => each.range)).toEqual(['bytes=100000-299999', undefined])
  })

  it('goes on as long as every attempt brings a mebibyte', async () => {
    const large = someBytes(6 * 1024 * 1024)
    const { url, requests } = await server((incoming, response) => {
      const start = Number(/=(\d+)-/.exec(incoming.headers.range ?? '=0-')![1])
      const range = { 'Content-Range': `bytes ${start}-${large.length - 1}/${large.length}` }
      response.writeHead(start === 0 ? 200 : 206, {
        ...(start > 0 ? range : {}),
        'Content-Length': large.length - start,
      })
      response.write(large.subarray(start, start + 1_100_000), () => setTimeout(() => response.destroy(), 20))
    })
    const blobs = watchBlobs()
    expect(await (await fetcherFor([url], { attempts: 2 })).blob(requestFor(large), blobs)).toBe(true)
    expect(requests.length).toBeGreaterThan(4)
  })

  it('is given up after its attempts when they bring nothing', async () => {
    const { url, requests } = await server((_, response) => response.destroy())
    const error = await failure((await fetcherFor([url])).blob(request, watchBlobs()))
    expect(error.code).toBe('unavailable')
    expect(requests.length).toBe(3)
  })
})

describe('a mirror with other bytes', () => {
  const wrong = someBytes(bytes.length, 99)

  it('is left for the next one and not asked again under another path', async () => {
    const bad = await server(serve(wrong))
    const good = await server(serve(bytes))
    const blobs = watchBlobs()
    const fetcher = await fetcherFor([bad.url, good.url])
    expect(await fetcher.blob(requestFor(bytes, 'by-hash/1', 'Packages'), blobs)).toBe(true)
    expect(bad.requests).toHaveLength(1)
    expect(good.requests[0]!.range).toBeUndefined()
  })

  it('is reported as damaged when there is no other, and nothing is kept', async () => {
    const { url } = await server(serve(wrong))
    const blobs = watchBlobs()
    const error = await failure((await fetcherFor([url])).blob(request, blobs))
    expect(error).toMatchObject({ code: 'damaged', message: expect.stringContaining('another SHA-256') })
    expect([await blobs.has(request.digest), await blobs.partialLength(request)]).toEqual([false, 0])
  })

  it.each<[string, Answer, string]>([
    ['announces more', serve(Buffer.concat([bytes, bytes])), 'it has 600000 bytes, the metadata says 300000'],
    ['announces less', serve(bytes.subarray(1)), 'it has 299999 bytes, the metadata says 300000'],
  ])('that %s is not even read', async (_, answer, reason) => {
    const { url } = await server(answer)
    const blobs = watchBlobs()
    const error = await failure((await fetcherFor([url])).blob(request, blobs))
    expect(error).toMatchObject({ code: 'damaged', message: expect.stringContaining(reason) })
    expect(blobs.written()).toBe(0)
  })

  it('that sends without end is cut off at the announced size', async () => {
    const { url } = await server((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(wrong));
      }
      response.on('drain', more)
      more()
    })
    const blobs = watchBlobs()
    const error = await failure((await fetcherFor([url])).blob(request, blobs))
    expect(error).toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('more than the 300000 bytes'),
    })
    expect(blobs.written()).toBeLessThanOrEqual(bytes.length)
    expect(await blobs.partialLength(request)).toBe(0)
  })

  it('that announces less than it sends is not believed', async () => {
    const { url } = await server((incoming, response) => {
      response.socket!.end(
        `HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n${'x'.repeat(incoming ? 300_000 : 0)}`,
      )
    })
    const error = await failure((await fetcherFor([url])).blob(request, watchBlobs()))
    expect(error.code).toBe('damaged')
  })

  it('that encodes the body is refused', async () => {
    const { url } = await server((_, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'),
    )
    const error = await failure((await fetcherFor([url])).blob(request, watchBlobs()))
    expect(error.message).toContain('"gzip"')
  })
})

describe('a mirror without the file', () => {
  it.each([404, 410])('answers %i: the next path is tried, then the next mirror', async code => {
    const bad = await server(status(code))
    const good = await server((incoming, response, count) =>
      (incoming.url === '/Packages' ? serve(bytes) : status(code))(incoming, response, count),
    )
    const fetcher = await fetcherFor([bad.url, good.url])
    await fetcher.blob(requestFor(bytes, 'by-hash/1', 'Packages'), watchBlobs())
    expect([...bad.requests, ...good.requests].map(each => each.path)).toEqual([
      '/by-hash/1',
      '/Packages',
      '/by-hash/1',
      '/Packages',
    ])
  })

  it('makes the blob incomplete when every mirror says so', async () => {
    const [one, two] = [await server(status(404)), await server(status(410))]
    const error = await failure((await fetcherFor([one.url, two.url])).blob(request, watchBlobs()))
    expect(error).toMatchObject({ code: 'incomplete', hint: expect.stringContaining('fallback') })
    expect(error.message).toContain(`${one.url}/pool/a.deb: the server answered HTTP 404`)
  })

  it('does not make it incomplete when another mirror could not be asked', async () => {
    const { url } = await server(status(404))
    const error = await failure((await fetcherFor([url, 'http://127.0.0.1:1'])).blob(request, watchBlobs()))
    expect(error.code).toBe('unavailable')
  })
})

describe('a mirror that refuses or is busy', () => {
  it.each([401, 403])('answers %i: an error with a hint about credentials, without repeating', async code => {
    const { url, requests } = await server(status(code))
    const error = await failure((await fetcherFor([url])).blob(request, watchBlobs()))
    expect(error).toMatchObject({ code: 'unavailable', hint: expect.stringContaining('credentials') })
    expect(requests).toHaveLength(1)
  })

  it.each([429, 500, 502, 503, 504])('answers %i: it is asked again, then the next mirror', async code => {
    const bad = await server(status(code))
    const good = await server(serve(bytes))
    const pauses: number[] = []
    const fetcher = await fetcherFor([bad.url, good.url], {}, { surroundings: hurried(pauses) })
    expect(await fetcher.blob(request, watchBlobs())).toBe(true)
    expect(bad.requests).toHaveLength(3)
    expect(pauses).toEqual([375, 750])
  })

  it('is given the time that it asks for', async () => {
    const { url } = await server(firstly(status(503, { 'Retry-After': '20' }), serve(bytes)))
    const pauses: number[] = []
    const fetcher = await fetcherFor([url], {}, { surroundings: hurried(pauses) })
    await fetcher.blob(request, watchBlobs())
    expect(pauses).toEqual([20_000])
  })

  it('that cannot be reached is put last once eight connections failed', async () => {
    const { url } = await server((incoming, response, count) => serve(bytes)(incoming, response, count))
    const fetcher = await fetcherFor(['http://127.0.0.1:1', url], { attempts: 8 })
    await fetcher.blob(request, watchBlobs())
    const before = fetcher.cost().requests
    await fetcher.blob(request, watchBlobs())
    expect(fetcher.cost().requests - before).toBe(1)
  })

  it('can be asked alone', async () => {
    const bad = await server(status(404))
    const good = await server(serve(bytes))
    const fetcher = await fetcherFor([good.url, bad.url])
    const error = await failure(fetcher.blob(request, watchBlobs(), { mirror: bad.url }))
    expect(error.code).toBe('incomplete')
    expect(good.requests).toHaveLength(0)
  })
})

describe('patience', () => {
  it('ends when nothing comes for the idle time; the next attempt resumes', async () => {
    const { url, requests } = await server(
      firstly((_, response) => {
        response.writeHead(200, { 'Content-Length': bytes.length })
        response.write(bytes.subarray(0, 50_000))
      }, serve(bytes)),
    )
    const fetcher = await fetcherFor([url], { idleTimeoutSeconds: 0.2 })
    expect(await fetcher.blob(request, watchBlobs())).toBe(true)
    expect(requests[1]!.range).toBe('bytes=50000-299999')
  })

  it('ends when no answer comes at all', async () => {
    const { url } = await server(() => {})
    const fetcher = await fetcherFor([url], { idleTimeoutSeconds: 0.1, attempts: 1 })
    const error = await failure(fetcher.blob(request, watchBlobs()))
    expect(error).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('no answer within 0.1 s'),
    })
  })

  it('does not take our own resting for idleness', async () => {
    const { url, requests } = await server(serve(bytes))
    const fetcher = await fetcherFor([url], { idleTimeoutSeconds: 0.1, rateLimit: 500_000 })
    const began = performance.now()
    await fetcher.blob(request, watchBlobs())
    expect(performance.now() - began).toBeGreaterThan(250)
    expect(requests).toHaveLength(1)
  })
})

describe('sharing and stopping', () => {
  it('makes one request for a blob that many want at once', async () => {
    const { url, requests } = await server(serve(bytes))
    const blobs = watchBlobs()
    const fetcher = await fetcherFor([url])
    const results = await Promise.all(Array.from({ length: 20 }, () => fetcher.blob(request, blobs)))
    expect(results).toEqual(Array(20).fill(true))
    expect(requests).toHaveLength(1)
  })

  it('goes on for the others when one who waits gives up', async () => {
    const { url } = await server((incoming, response, count) =>
      setTimeout(() => serve(bytes)(incoming, response, count), 100),
    )
    const fetcher = await fetcherFor([url])
    const blobs = watchBlobs()
    const leaving = new AbortController()
    const first = fetcher.blob(request, blobs, { signal: leaving.signal })
    const second = fetcher.blob(request, blobs, { signal: new AbortController().signal })
    leaving.abort()
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    expect(await second).toBe(true)
  })

  it('stops at once when all give up, and keeps what arrived', async () => {
    const stop = new AbortController()
    const { url } = await server((_, response) => {
      response.writeHead(200, { 'Content-Length': bytes.length })
      response.write(bytes.subarray(0, 70_000))
      setTimeout(() => stop.abort(), 100)
    })
    const blobs = watchBlobs()
    const fetcher = await fetcherFor([url])
    const error = await failure(fetcher.blob(request, blobs, { signal: stop.signal }))
    expect(error.code).toBe('cancelled')
    await fetcher.close()
    expect(await blobs.partialLength(request)).toBe(70_000)
  })

  it('can be begun again right after everybody gave up', async () => {
    const { url } = await server((incoming, response, count) =>
      setTimeout(() => serve(bytes)(incoming, response, count), 50),
    )
    const fetcher = await fetcherFor([url])
    const blobs = watchBlobs()
    const stop = new AbortController()
    const first = fetcher.blob(request, blobs, { signal: stop.signal })
    stop.abort()
    const second = fetcher.blob(request, blobs)
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    expect(await second).toBe(true)
  })

  it('gives up at once when the signal was aborted before', async () => {
    const { url, requests } = await server(serve(bytes))
    const fetcher = await fetcherFor([url])
    const error = await failure(fetcher.blob(request, watchBlobs(), { signal: AbortSignal.abort() }))
    expect(error.code).toBe('cancelled')
    expect(requests).toHaveLength(0)
  })

  it('never has more requests under way than allowed', async () => {
    let underWay = 0
    let most = 0
    const { url } = await server((incoming, response, count) => {
      most = Math.max(most, ++underWay)
      setTimeout(() => {
        underWay--
        const path = Number(incoming.url!.slice(1))
        serve(someBytes(500, path))(incoming, response, count)
      }, 10)
    })
    const fetcher = await fetcherFor([url], { concurrency: 3 })
    const requests = Array.from({ length: 20 }, (_, i) => requestFor(someBytes(500, i + 1), String(i + 1)))
    expect(await fetcher.blobs(requests, watchBlobs())).toEqual([])
    expect(most).toBe(3)
  })

  it('hands a full disk on as it is, without asking another mirror', async () => {
    const { url } = await server(serve(bytes))
    const blobs = watchBlobs()
    blobs.fill()
    const error = await failure((await fetcherFor([url])).blob(request, blobs))
    expect(error.code).toBe('no-space')
  })
})
