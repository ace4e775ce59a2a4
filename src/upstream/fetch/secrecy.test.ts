import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import type { TransportConfiguration } from '../../config/index.ts'
import { fetcherFor, requestFor, someBytes, startServer, status, type TestServer } from './server.fixture.ts'
import { watchBlobs } from './watched-blobs.fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'switchyard-secrets-'))
afterAll(() => rmSync(directory, { recursive: true }))

const password = 'p@ss/w:rd-Zq7'
const token = 'Bearer tok-4f9a77c1'
const proxyPassword = 'proxy-8812xk'
const secrets = [password, encodeURIComponent(password), token, proxyPassword, 'url-secret-55']
const encoded = [
  Buffer.from(`me:${password}`).toString('base64'),
  Buffer.from(`me:${proxyPassword}`).toString('base64'),
]

writeFileSync(join(directory, 'password'), `${password}\n`)
const environment = { TOKEN: token }
const transport: Partial<TransportConfiguration> = {
  attempts: 2,
  connectTimeoutSeconds: 1,
  idleTimeoutSeconds: 0.2,
  basicAuth: { username: 'me', password: { kind: 'file', path: join(directory, 'password') } },
  headers: [{ name: 'X-Token', value: { kind: 'environment', variable: 'TOKEN' } }],
}

/** An error as the most talkative logger would print it: message, hint, stack, every property and the whole cause chain. */
function everythingIn(error: unknown): string {
  return inspect(error, { depth: Infinity, showHidden: true, getters: true, maxStringLength: Infinity })
}

function expectNoSecretIn(error: unknown): void {
  const text = everythingIn(error)
  for (const secret of [...secrets, ...encoded]) expect(text).not.toContain(secret)
}

const servers: TestServer[] = []
afterAll(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

describe('credentials', () => {
  it('are sent to the upstream', async () => {
    const server = await startServer(status(404))
    servers.push(server)
    await (await fetcherFor([server.url], transport, { environment })).document('a', { maxBytes: 10 })
    expect(server.requests[0]!.headers).toMatchObject({
      authorization: `Basic ${encoded[0]}`,
      'x-token': token,
    })
  })

  it('in a URL go to that mirror, in place of the common ones, and are not shown', async () => {
    const server = await startServer(status(404))
    servers.push(server)
    const fetcher = await fetcherFor([server.url.replace('//', '//you:url-secret-55@')], transport, {
      environment,
    })
    expect(fetcher.mirrors).toEqual([server.url])
    await fetcher.document('a', { maxBytes: 10 })
    const expected = `Basic ${Buffer.from('you:url-secret-55').toString('base64')}`
    expect(server.requests[0]!.headers.authorization).toBe(expected)
  })

  it('are not sent on to another host after a redirect, nor back from there', async () => {
    const other = await startServer((_, response) =>
      response.writeHead(302, { Location: `${first.url}/back` }).end(),
    )
    const first = await startServer((_, response) =>
      response.writeHead(302, { Location: `${other.url}/b` }).end(),
    )
    servers.push(first, other)
    const fetcher = await fetcherFor([first.url], { ...transport, attempts: 1 }, { environment })
    await fetcher.document('a', { maxBytes: 10 }).catch(() => {})
    const shown = [...first.requests.slice(1), ...other.requests].map(each => each.headers)
    expect(shown.length).toBeGreaterThan(1)
    for (const headers of shown) expect(headers).not.toHaveProperty('authorization')
    for (const headers of shown) expect(headers).not.toHaveProperty('x-token')
  })

  it.each<[string, Parameters<typeof startServer>[0]]>([
    ['refuses', status(401)],
    ['fails', status(500)],
    ['breaks off', (_, response) => response.destroy()],
    ['is mute', () => {}],
    ['talks nonsense', (_, response) => response.socket!.end('HTTP/1.1 999999 x\r\n\r\n')],
    [
      'echoes them',
      (request, response) => {
        const location = `https://me:${encodeURIComponent(password)}@127.0.0.1:1/?${request.headers['x-token']}`
        response.writeHead(302, { Location: location.replace(' ', '%20') }).end()
      },
    ],
  ])('are in no message when the server %s', async (_, answer) => {
    const server = await startServer(answer)
    servers.push(server)
    const fetcher = await fetcherFor([server.url], transport, { environment })
    const errors = await Promise.allSettled([
      fetcher.document('a', { maxBytes: 10 }),
      fetcher.blob(requestFor(someBytes(100)), watchBlobs()),
    ])
    for (const result of errors) {
      expect(result.status).toBe('rejected')
      expectNoSecretIn((result as PromiseRejectedResult).reason)
    }
  })

  it.each([
    ['http', 'http://127.0.0.1:1'],
    ['https', 'https://127.0.0.1:1'],
  ])('of a dead proxy are in no message for %s', async (_, url) => {
    const fetcher = await fetcherFor(
      [url],
      { ...transport, proxy: `http://me:${proxyPassword}@127.0.0.1:1` },
      { environment },
    )
    const error = await fetcher.document('a', { maxBytes: 10 }).catch(thrown => thrown)
    expect(error.code).toBe('unavailable')
    expectNoSecretIn(error)
  })

  it.each<[string, string[], Partial<TransportConfiguration>]>([
    ['the URL is not one', [`http://me:${password}@[`], {}],
    ['the URL is of another kind', ['ftp://me:url-secret-55@mirror.example.org'], {}],
    ['the URL has a query', ['http://mirror.example.org/?token=url-secret-55'], {}],
    ['the proxy is not a URL', ['http://127.0.0.1:1'], { proxy: `http://me:${proxyPassword}@[` }],
    [
      'a header has a line break',
      ['http://127.0.0.1:1'],
      { headers: [{ name: 'X', value: { kind: 'plain', value: `${token}\r\nY: z` } }] },
    ],
    [
      'a header is ours',
      ['http://127.0.0.1:1'],
      { headers: [{ name: 'Range', value: { kind: 'plain', value: token } }] },
    ],
    [
      'a variable is missing',
      ['http://127.0.0.1:1'],
      { headers: [{ name: 'X', value: { kind: 'environment', variable: 'NONE' } }] },
    ],
    [
      'a file is missing',
      ['http://127.0.0.1:1'],
      { basicAuth: { username: 'me', password: { kind: 'file', path: join(directory, 'none') } } },
    ],
  ])('that cannot be used are a configuration error without them: %s', async (_, urls, changes) => {
    const error = await fetcherFor(urls, { ...transport, ...changes }, { environment }).catch(
      thrown => thrown,
    )
    expect(error.code).toBe('configuration')
    expectNoSecretIn(error)
  })
})
