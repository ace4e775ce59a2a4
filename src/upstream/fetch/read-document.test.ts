import { afterEach, describe, expect, it } from 'vitest'
import { type Answer, fetcherFor, serve, startServer, status, type TestServer } from './server.fixture.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

async function server(answer: Answer): Promise<TestServer> {
  const started = await startServer(answer)
  servers.push(started)
  return started
}

const release = Buffer.from('Origin: Test\nSuite: stable\n')
const path = 'dists/stable/InRelease'
const withValidators: Answer = (request, response) => {
  const current = request.headers['if-none-match'] === '"v1"'
  response.writeHead(current ? 304 : 200, { ETag: '"v1"', 'Last-Modified': 'Sat, 21 Nov 2026 06:45:00 GMT' })
  response.end(current ? undefined : release)
}

describe('a document', () => {
  it('comes whole, with its validators and the mirror that gave it', async () => {
    const { url } = await server(withValidators)
    const fetcher = await fetcherFor([`${url}/debian/`])
    expect(fetcher.mirrors).toEqual([`${url}/debian`])
    expect(await fetcher.document(path, { maxBytes: 1000 })).toEqual({
      kind: 'document',
      bytes: release,
      validators: { etag: '"v1"', lastModified: 'Sat, 21 Nov 2026 06:45:00 GMT' },
      mirror: `${url}/debian`,
    })
  })

  it('that did not change costs one conditional request', async () => {
    const { url, requests } = await server(withValidators)
    const fetcher = await fetcherFor([url])
    const validators = { etag: '"v1"', lastModified: 'Sat, 21 Nov 2026 06:45:00 GMT' }
    expect(await fetcher.document(path, { maxBytes: 1000, validators })).toEqual({
      kind: 'not-modified',
      mirror: url,
    })
    expect(requests).toMatchObject([{ headers: { 'if-modified-since': validators.lastModified } }])
  })

  it('is not taken for unchanged when nobody asked', async () => {
    const { url } = await server(status(304))
    const fetcher = await fetcherFor([url])
    await expect(fetcher.document(path, { maxBytes: 1000 })).rejects.toMatchObject({ code: 'unavailable' })
  })

  it.each([404, 410])('is absent when the answer is %i', async code => {
    const { url, requests } = await server(status(code))
    expect(await (await fetcherFor([url])).document(path, { maxBytes: 1000 })).toEqual({ kind: 'absent' })
    expect(requests).toHaveLength(1)
  })

  it('comes from the next mirror when one fails, unless one mirror was asked for', async () => {
    const bad = await server(status(500))
    const good = await server(serve(release))
    const fetcher = await fetcherFor([bad.url, good.url])
    expect(await fetcher.document(path, { maxBytes: 1000 })).toMatchObject({ mirror: good.url })
    await expect(fetcher.document(path, { maxBytes: 1000, mirror: bad.url })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`${bad.url}/dists/stable/InRelease: the server answered HTTP 500`),
    })
  })

  it('is not called absent when a mirror could not be asked', async () => {
    const { url } = await server(status(404))
    const fetcher = await fetcherFor([url, 'http://127.0.0.1:1'])
    await expect(fetcher.document(path, { maxBytes: 1000 })).rejects.toMatchObject({ code: 'unavailable' })
  })

  it.each<[string, Answer]>([
    [
      'announces',
      (_, response) => response.writeHead(200, { 'Content-Length': 5000 }).end(Buffer.alloc(5000)),
    ],
    ['sends', (_, response) => response.writeHead(200).end(Buffer.alloc(5000))],
  ])('is invalid when the server %s more than allowed', async (_, answer) => {
    const { url } = await server(answer)
    const fetcher = await fetcherFor([url])
    await expect(fetcher.document(path, { maxBytes: 4999 })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('that breaks off is asked for again', async () => {
    const { url } = await server((request, response, count) => {
      if (count > 1) serve(release)(request, response, count)
      else response.writeHead(200, { 'Content-Length': 27 }).write('Orig', () => response.destroy())
    })
    expect(await (await fetcherFor([url])).document(path, { maxBytes: 1000 })).toMatchObject({
      bytes: release,
    })
  })

  it('uses connections again, those of refusals too', async () => {
    const ports = new Set<number | undefined>()
    const { url } = await server((request, response, count) => {
      ports.add(request.socket.remotePort)
      ;(count % 2 === 0 ? status(404, { 'Content-Length': 2 }) : serve(release))(request, response, count)
    })
    const fetcher = await fetcherFor([url])
    for (let i = 0; i < 12; i++) await fetcher.document(path, { maxBytes: 1000 })
    expect(ports.size).toBeLessThanOrEqual(2)
  })

  it('survives a kept-alive connection that the server closed meanwhile', async () => {
    const { url } = await server((request, response, count) => {
      serve(release)(request, response, count)
      response.on('finish', () => setImmediate(() => request.socket.destroy()))
    })
    const fetcher = await fetcherFor([url], { attempts: 1 })
    for (let i = 0; i < 5; i++)
      expect(await fetcher.document(path, { maxBytes: 1000 })).toMatchObject({ kind: 'document' })
  })

  it('follows redirects', async () => {
    const { url } = await server((request, response, count) => {
      if (request.url === '/elsewhere') serve(release)(request, response, count)
      else response.writeHead(302, { Location: '/elsewhere' }).end()
    })
    expect(await (await fetcherFor([url])).document(path, { maxBytes: 1000 })).toMatchObject({
      bytes: release,
    })
  })

  it('says where a redirect led when it leads nowhere good', async () => {
    const { url, requests } = await server((request, response) =>
      response.writeHead(301, { Location: `${request.url}x` }).end(),
    )
    const fetcher = await fetcherFor([url])
    await expect(fetcher.document('a', { maxBytes: 1000 })).rejects.toMatchObject({
      message: expect.stringMatching(/redirected to http.*axxxxx: it redirects more than 5 times/),
    })
    expect(requests).toHaveLength(6)
  })

  it('refuses a path that leaves the mirror', async () => {
    const fetcher = await fetcherFor(['http://127.0.0.1:1'])
    await expect(fetcher.document('../secret', { maxBytes: 1000 })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('stops waiting when the fetcher is closed', async () => {
    const { url } = await server(() => {})
    const fetcher = await fetcherFor([url])
    const waiting = fetcher.document(path, { maxBytes: 1000 })
    setTimeout(() => fetcher.close(), 50)
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
  })
})
