import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Certificates, makeCertificates } from './certificates.fixture.ts'
import { startProxy, type TestProxy } from './proxy-server.fixture.ts'
import { fetcherFor, serve, startServer, type TestServer } from './server.fixture.ts'

const release = Buffer.from('Suite: stable\n')
const wish = { maxBytes: 1000 }
let certificates: Certificates
let plain: TestServer
let secure: TestServer
let strict: TestServer
let proxy: TestProxy

beforeAll(async () => {
  certificates = makeCertificates()
  const tls = { cert: certificates.read('server.pem'), key: certificates.read('server.key') }
  plain = await startServer(serve(release))
  secure = await startServer(serve(release), tls)
  strict = await startServer(serve(release), { ...tls, ca: certificates.read('ca.pem'), requestCert: true })
  proxy = await startProxy()
})

afterAll(async () => {
  await Promise.all([plain, secure, strict, proxy].map(each => each.close()))
  certificates.remove()
})

const certificateAuthority = (): string => certificates.file('ca.pem')
const clientCertificate = (): { certificate: string; key: string } => ({
  certificate: certificates.file('client.pem'),
  key: certificates.file('client.key'),
})

describe('https', () => {
  it("trusts the upstream's own authority", async () => {
    const fetcher = await fetcherFor([secure.url], { certificateAuthority: certificateAuthority() })
    expect(await fetcher.document('a', wish)).toMatchObject({ bytes: release })
  })

  it('refuses an unknown one at once, with a hint', async () => {
    const before = secure.requests.length
    const fetcher = await fetcherFor([secure.url])
    await expect(fetcher.document('a', wish)).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('authority'),
    })
    expect(fetcher.cost().requests).toBe(1)
    expect(secure.requests).toHaveLength(before)
  })

  it('refuses a certificate for another host', async () => {
    const url = secure.url.replace('127.0.0.1', 'localhost')
    const fetcher = await fetcherFor([url], { certificateAuthority: certificateAuthority() })
    await expect(fetcher.document('a', wish)).rejects.toMatchObject({ hint: expect.stringContaining('host') })
  })

  it('shows the client certificate to a server that asks', async () => {
    const transport = { certificateAuthority: certificateAuthority(), clientCertificate: clientCertificate() }
    const fetcher = await fetcherFor([strict.url], transport)
    expect(await fetcher.document('a', wish)).toMatchObject({ bytes: release })
  })

  it('says that credentials are missing when the server wants a certificate', async () => {
    const fetcher = await fetcherFor([strict.url], { certificateAuthority: certificateAuthority() })
    await expect(fetcher.document('a', wish)).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('credentials'),
    })
  })

  it('does not show it to the host that it is redirected to', async () => {
    const tls = { cert: certificates.read('server.pem'), key: certificates.read('server.key') }
    const redirecting = await startServer(
      (_, response) => response.writeHead(302, { Location: `${strict.url}/a` }).end(),
      tls,
    )
    const transport = { certificateAuthority: certificateAuthority(), clientCertificate: clientCertificate() }
    const fetcher = await fetcherFor([redirecting.url], transport)
    await expect(fetcher.document('a', wish)).rejects.toMatchObject({ code: 'unavailable' })
    await redirecting.close()
  })

  it('is a configuration error when certificate and key do not fit', async () => {
    const mixed = { certificate: certificates.file('client.pem'), key: certificates.file('server.key') }
    await expect(fetcherFor([strict.url], { clientCertificate: mixed })).rejects.toMatchObject({
      code: 'configuration',
    })
  })

  it('is a configuration error when the file is not there', async () => {
    const missing = fetcherFor([strict.url], { certificateAuthority: '/nowhere/ca.pem' })
    await expect(missing).rejects.toMatchObject({ code: 'configuration', message: /\/nowhere\/ca\.pem/ })
  })
})

describe('a proxy', () => {
  it('carries http requests, over one connection, with its own login', async () => {
    const fetcher = await fetcherFor([plain.url], { proxy: proxy.url })
    for (let i = 0; i < 2; i++) expect(await fetcher.document('a%b', wish)).toMatchObject({ bytes: release })
    expect(proxy.requests.at(-1)).toBe(`GET ${plain.url}/a%25b`)
    expect(plain.requests.at(-1)!.headers['proxy-authorization']).toBe('Basic bWU6cGFzcyB3b3Jk')
  })

  it('carries https in a tunnel that is made once', async () => {
    const before = proxy.requests.length
    const transport = { certificateAuthority: certificateAuthority(), clientCertificate: clientCertificate() }
    const fetcher = await fetcherFor([strict.url], { ...transport, proxy: proxy.url })
    for (let i = 0; i < 3; i++) expect(await fetcher.document('a', wish)).toMatchObject({ bytes: release })
    expect(proxy.requests.slice(before)).toEqual([`CONNECT ${strict.url.slice('https://'.length)}`])
  })

  it('comes from the environment, unless no_proxy names the host', async () => {
    const before = proxy.requests.length
    const environment = { http_proxy: proxy.url, no_proxy: '127.0.0.1' }
    await (await fetcherFor([plain.url], {}, { environment })).document('a', wish)
    expect(proxy.requests).toHaveLength(before)
    await (await fetcherFor([plain.url], {}, { environment: { http_proxy: proxy.url } })).document('a', wish)
    expect(proxy.requests).toHaveLength(before + 1)
  })

  it("is apt's when nothing else is said, asked for once and only for hosts beyond this machine", async () => {
    let asked = 0
    const aptProxy = async (): Promise<{ http: string; https: undefined; direct: never[] }> => {
      asked++
      return { http: proxy.url, https: undefined, direct: [] }
    }
    const before = proxy.requests.length
    await (await fetcherFor([plain.url], {}, { aptProxy })).document('a', wish)
    expect([asked, proxy.requests.length]).toEqual([0, before])
    const far = await fetcherFor(['http://mirror.example.org'], { attempts: 1 }, { aptProxy })
    await far.document('a', wish).catch(() => {})
    expect([asked, proxy.requests.at(-1)]).toEqual([1, 'GET http://mirror.example.org/a'])
  })

  it.each(['http', 'https'])('that refuses our login for %s says so, with a hint', async protocol => {
    const url = protocol === 'http' ? plain.url : secure.url
    const fetcher = await fetcherFor([url], { proxy: proxy.url.replace('pass', 'wrong') })
    await expect(fetcher.document('a', wish)).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('proxy'),
    })
  })

  it('that never answers is given up after the connect timeout', async () => {
    const sockets: net.Socket[] = []
    const mute = net.createServer(socket => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`
    const transport = { proxy: url, connectTimeoutSeconds: 0.2, attempts: 1 }
    await expect((await fetcherFor([secure.url], transport)).document('a', wish)).rejects.toMatchObject({
      code: 'unavailable',
    })
    for (const socket of sockets) socket.destroy()
    mute.close()
  })
})

describe('a server', () => {
  it('that accepts but never says hello is given up after the connect timeout', async () => {
    const sockets: net.Socket[] = []
    const mute = net.createServer(socket => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`
    const fetcher = await fetcherFor([url], { connectTimeoutSeconds: 0.2, attempts: 1 })
    await expect(fetcher.document('a', wish)).rejects.toMatchObject({
      message: expect.stringContaining('no connection within 0.2 s'),
    })
    for (const socket of sockets) socket.destroy()
    mute.close()
  })

  it('that does not speak HTTP is an error, not a crash', async () => {
    const babble = net.createServer(socket => socket.end('220 ready\r\n')).listen(0, '127.0.0.1')
    await once(babble, 'listening')
    const url = `http://127.0.0.1:${(babble.address() as AddressInfo).port}`
    await expect((await fetcherFor([url], { attempts: 1 })).document('a', wish)).rejects.toMatchObject({
      code: 'unavailable',
    })
    babble.close()
  })
})
