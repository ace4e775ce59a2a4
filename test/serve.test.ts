import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isTimestamp } from '../src/model/index.ts'
import { createServer } from '../src/server/index.ts'
import { type OpenYard, openYard } from '../src/yard/index.ts'
import { type FileServer, serveFiles } from './file-server.fixture.ts'
import { type Archive, makeArchive, type PackageSpec } from './served-archive.fixture.ts'
import { makeYard, serveYard, syncAll } from './served-yard.fixture.ts'
import { type Apt, createApt } from './world/apt/client.ts'

const hello: PackageSpec = { name: 'hello', version: '1:1.0~rc1+b1', depends: 'world' }
const world: PackageSpec = { name: 'world', version: '2.0' }
const large: PackageSpec = { name: 'large', version: '1', size: 3_000_000 }
const lost: PackageSpec = { name: 'lost', version: '1', size: 10 }
const broken: PackageSpec = { name: 'broken', version: '1', size: 3_000_001 }
const damaged: PackageSpec = { name: 'damaged', version: '1', size: 20 }

let directory: string
let archive: Archive
let upstream: FileServer
let open: OpenYard
let server: { url: string; close(): Promise<void> }
let first: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'serve-'))
  archive = await makeArchive(join(directory, 'archive'), {
    packages: [hello, world, large, lost, broken, damaged],
  })
  upstream = await serveFiles(archive.directory)
  open = await makeYard(join(directory, 'yard'), {
    repositories: { debian: { upstream: { ...archive.upstream(upstream.url), attempts: 1 } } },
  })
  await syncAll(open)
  first = (await open.yard.snapshot('debian')).record.timestamp
  server = await serveYard(open)
})

afterAll(async () => {
  await server?.close()
  await open?.close()
  await upstream?.close()
  rmSync(directory, { recursive: true, force: true })
})

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
  /** The connection ended before the announced length. */
  aborted: boolean
}

/** A request whose path goes over the wire exactly as given. */
function ask(path: string, options: http.RequestOptions = {}, base = server.url): Promise<Answer> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, path, agent: false, ...options }, response => {
      const chunks: Buffer[] = []
      const done = (aborted: boolean) =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks),
          aborted,
        })
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => done(false))
      response.on('error', () => done(true))
    })
    request.on('error', reject)
    request.end()
  })
}

const latest = (path: string) => `/content/debian/latest/${path}`
const pool = (spec: PackageSpec) => archive.pathOf(spec).replaceAll('%', '%25')
const original = (spec: PackageSpec) => readFileSync(join(archive.directory, archive.pathOf(spec)))

describe('files', () => {
  it('come byte for byte, with what a client needs to ask again', async () => {
    const { status, headers, body } = await ask(`/content/debian/${first}/${pool(hello)}`)
    expect(status).toBe(200)
    expect(body.equals(original(hello))).toBe(true)
    expect(headers).toMatchObject({
      'content-length': String(body.length),
      'content-type': 'application/vnd.debian.binary-package',
      'cache-control': 'public, max-age=31536000, immutable',
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
      'last-modified': expect.stringMatching(/GMT$/),
    })
    expect(headers).not.toHaveProperty('content-encoding')
  })

  it('are found however the client escapes their names, and only so', async () => {
    const plain = await ask(latest('pool/main/h/hello/hello_1%253a1.0~rc1+b1_all.deb'))
    const escaped = await ask(latest('pool/main/h/hello/hello_1%253a1.0%7erc1%2bb1_all.deb'))
    expect([plain.status, escaped.status]).toEqual([200, 200])
    expect((await ask(latest('pool/main/h/hello/hello_1%3a1.0~rc1+b1_all.deb'))).status).toBe(404)
    expect((await ask(latest('pool/main/h/hello/hello_1%253a1.0~rc1%20b1_all.deb'))).status).toBe(404)
  })

  it('answer HEAD without a body and without fetching', async () => {
    upstream.reset()
    const { status, headers, body } = await ask(latest(pool(lost)), { method: 'HEAD' })
    expect([status, body.length, headers['content-length']]).toEqual([200, 0, String(original(lost).length)])
    expect(upstream.requests).toEqual([])
  })

  it('answer 304 for the same tag or the very date, and 200 for a newer date', async () => {
    const path = latest('dists/stable/InRelease')
    const { headers } = await ask(path)
    const conditional = async (name: string, value: string) =>
      (await ask(path, { headers: { [name]: value } })).status
    expect(await conditional('If-None-Match', headers.etag!)).toBe(304)
    expect(await conditional('If-Modified-Since', headers['last-modified']!)).toBe(304)
    const later = new Date(Date.parse(headers['last-modified']!) + 60_000).toUTCString()
    expect(await conditional('If-Modified-Since', later)).toBe(200)
  })

  it('are the same in the newest snapshot by time', async () => {
    const { status, headers } = await ask(`/content/debian/by-time/29990101T000000Z/dists/stable/Release`)
    expect([status, headers['cache-control']]).toEqual([200, 'no-cache'])
    expect((await ask('/content/debian/by-time/20000101T000000Z/dists/stable/Release')).status).toBe(404)
  })

  it('refuse what no tree can hold, every other method, and a URL without end', async () => {
    for (const path of ['../../switchyard.yaml', '%2e%2e/x', 'a%00b', '%zz', 'x'.repeat(300)])
      expect((await ask(latest(path))).status, path).toBe(400)
    expect((await ask(latest('x'), { method: 'PUT' })).status).toBe(405)
    expect((await ask(latest('x'.repeat(9000)))).status).toBe(414)
  })

  it('say in plain text what is not there', async () => {
    const { status, headers, body } = await ask(latest('no/<b>such'))
    expect([status, headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8'])
    expect(body.toString()).toBe('not found: /content/debian/latest/no/<b>such\n')
  })
})

describe('directories', () => {
  it('are listed, and asked for with their final slash', async () => {
    const { status, headers } = await ask(latest('dists?x'))
    expect([status, headers.location]).toEqual([301, `${latest('dists')}/?x`])
    expect((await ask(latest('dists/'))).body.toString()).toContain('href="./stable/"')
    expect((await ask('/content/debian/')).body.toString()).toContain(first)
  })
})

describe('files that are not here yet', () => {
  it('are fetched whole before a part of them leaves', async () => {
    const bytes = original(large)
    const part = await ask(latest(pool(large)), { headers: { Range: 'bytes=1000-1999' } })
    expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 1000-1999/${bytes.length}`])
    expect(part.body.equals(bytes.subarray(1000, 2000))).toBe(true)
  })

  it('are then served from the disk, in parts and whole', async () => {
    upstream.reset()
    const bytes = original(large)
    expect((await ask(latest(pool(large)))).body.equals(bytes)).toBe(true)
    const tail = await ask(latest(pool(large)), { headers: { Range: 'bytes=-5' } })
    expect(tail.body.equals(bytes.subarray(-5))).toBe(true)
    const beyond = await ask(latest(pool(large)), { headers: { Range: `bytes=${bytes.length}-` } })
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${bytes.length}`])
    const several = await ask(latest(pool(large)), { headers: { Range: 'bytes=0-1,5-6' } })
    expect([several.status, several.body.length]).toEqual([200, bytes.length])
    const other = await ask(latest(pool(large)), { headers: { Range: 'bytes=0-1', 'If-Range': '"x"' } })
    expect(other.status).toBe(200)
    expect(upstream.requests).toEqual([])
  })

  it('are a clean error when upstream has lost them or does not answer', async () => {
    upstream.misbehave(/lost/, { kind: 'status', status: 404 })
    expect((await ask(latest(pool(lost)))).status).toBe(404)
    upstream.reset()
    upstream.misbehave(/lost/, { kind: 'status', status: 503 })
    const { status, body } = await ask(latest(pool(lost)))
    expect(status).toBe(502)
    expect(body.toString()).not.toContain(directory)
  })

  it('are a clean error, and not one byte, when upstream gives others', async () => {
    upstream.reset()
    upstream.misbehave(/damaged/, { kind: 'corrupt' })
    const { status, body } = await ask(latest(pool(damaged)))
    expect(status).toBe(502)
    expect(body.toString()).toMatch(/^\/content\//)
  })

  it('never end cleanly when upstream turns out wrong after bytes have left', async () => {
    upstream.reset()
    upstream.misbehave(/broken/, { kind: 'corrupt' })
    const { status, body, aborted } = await ask(latest(pool(broken)))
    expect(status === 502 || (aborted && body.length < original(broken).length)).toBe(true)
    upstream.reset()
    expect((await ask(latest(pool(broken)))).body.equals(original(broken))).toBe(true)
  })
})

describe('the API', () => {
  const json = async (path: string) => {
    const { status, body } = await ask(`/api/v1/${path}`)
    return { status, value: JSON.parse(body.toString()) }
  }

  it('answers from the route table', async () => {
    expect((await json('repositories')).value.repositories[0]).toMatchObject({
      name: 'debian',
      snapshotCount: 1,
    })
    expect((await json('repositories/debian/snapshots')).value.snapshots).toHaveLength(1)
    expect((await json('snapshots/debian@latest')).value).toMatchObject({ timestamp: first, packageCount: 6 })
    expect((await json('snapshots/debian/files?path=dists')).value.entries).toEqual([
      { name: 'stable', kind: 'directory' },
    ])
    expect((await json(`diff?from=debian@${first}&to=debian`)).value.packages).toEqual([])
    expect((await json('search?package=hel*')).value.hits[0]).toMatchObject({ name: 'hello', first })
  })

  it('says what was wrong', async () => {
    expect(await json('snapshots/nothing')).toMatchObject({
      status: 404,
      value: { error: { code: 'not-found' } },
    })
    expect(await json('search')).toMatchObject({ status: 400, value: { error: { code: 'usage' } } })
    expect(await json('nowhere')).toMatchObject({ status: 404, value: { error: { code: 'not-found' } } })
    expect((await ask('/api/v1/repositories', { method: 'POST' })).status).toBe(404)
  })
})

describe('setup files', () => {
  it('refuse a Host that is none', async () => {
    const { status } = await ask('/setup/debian/apt.sources', { headers: { Host: 'a/b c' } })
    expect(status).toBe(400)
  })

  it('are missing for what is missing', async () => {
    for (const path of ['nothing/apt.sources', 'debian/20200101T000000Z/apt.sources', 'debian/x/key.asc'])
      expect((await ask(`/setup/${path}`)).status, path).toBe(404)
  })
})

describe('a real apt', () => {
  let apt: Apt
  const setup = async (path: string) => (await ask(`/setup/debian/${path}`)).body.toString()
  beforeAll(async () => {
    apt = await createApt(join(directory, 'apt'))
  })

  it('updates and installs from the newest snapshot, signatures on', async () => {
    await apt.setSources(await setup('apt.sources'))
    await apt.update()
    await apt.install('hello')
    expect(await apt.installed()).toEqual(
      new Map([
        ['hello', hello.version],
        ['world', '2.0'],
      ]),
    )
    expect(await apt.update()).toMatch(/^Hit:/m)
  })

  it('follows a new snapshot, and goes back to the old one with the preferences', async () => {
    await archive.update({ packages: [{ ...hello, version: '1:2.0' }, world, large, lost, broken, damaged] })
    await syncAll(open)
    await apt.update()
    await apt.install('hello')
    expect((await apt.installed()).get('hello')).toBe('1:2.0')
    await apt.setSources(await setup(`${first}/apt.sources`))
    await apt.setPreferences(await setup(`${first}/preferences`))
    await apt.update()
    await apt.install('--allow-downgrades', 'hello')
    expect((await apt.installed()).get('hello')).toBe(hello.version)
  })

  it('accepts a dated snapshot with its clock 30 days ahead', async () => {
    await archive.update({ validUntil: new Date(Date.now() + 86_400_000) })
    await syncAll(open)
    const { timestamp } = (await open.yard.snapshot('debian')).record
    const ahead = await createApt(join(directory, 'apt-ahead'))
    const text = await setup(`${timestamp}/apt.sources`)
    await ahead.setSources(text.replace('Check-Valid-Until: no\n', ''))
    await expect(ahead.update({ faketime: '+30d' })).rejects.toThrow(/expired/)
    await ahead.setSources(text)
    await ahead.update({ faketime: '+30d' })
  })
})

describe('an address that is taken', () => {
  it('is an error that says so, and closing twice does no harm', async () => {
    const port = Number(new URL(server.url).port)
    const configuration = { ...open.configuration, server: { listen: { host: '127.0.0.1', port } } }
    const second = await createServer({ open: { ...open, configuration }, logLevel: 'silent' })
    await expect(second.listen()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('something listens there already'),
    })
    await second.close()
    await second.close()
  })
})

describe('a damaged catalog', () => {
  it('leaves content and setup served, the API a clean error, and health degraded', async () => {
    const { timestamp } = (await open.yard.snapshot('debian')).record
    expect(isTimestamp(timestamp)).toBe(true)
    await server.close()
    await open.close()
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(directory, `yard/catalog.sqlite${suffix}`), { force: true })
    writeFileSync(join(directory, 'yard/catalog.sqlite'), 'garbage'.repeat(1000))
    open = await openYard(join(directory, 'yard'), { environment: {} })
    server = await serveYard(open)
    expect((await ask(latest('dists/stable/InRelease'))).status).toBe(200)
    expect((await ask('/setup/debian/apt.sources')).status).toBe(200)
    expect((await ask('/content/debian/')).status).toBe(200)
    const api = await ask('/api/v1/repositories')
    expect(api.status).toBe(500)
    expect(JSON.parse(api.body.toString())).toMatchObject({ error: { code: 'damaged' } })
    const health = await ask('/healthz')
    expect(JSON.parse(health.body.toString())).toMatchObject({ status: 'degraded' })
    expect(`${api.body}${health.body}`).not.toContain(directory)
    expect((await ask('/metrics')).body.toString()).toContain('switchyard_catalog_up 0\n')
  })
})
