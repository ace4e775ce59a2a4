import { readdirSync, writeFileSync } from 'node:fs'
import type { RequestOptions } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer } from '../src/server/index.ts'
import type { PackageSpec } from './world/apt/deb-package.ts'
import { misbehave } from './world/archive-server.ts'
import { ask as askOf } from './world/ask.ts'
import { startServer } from './world/running-server.ts'
import { aptOf, cleanUpdate, type Served, served, timestampsOf } from './world/served.ts'
import { createWorld, type World } from './world/world.ts'

const hello: PackageSpec = {
  name: 'hello',
  version: '1:1.0~rc1+b1',
  architecture: 'all',
  fields: { Depends: 'world' },
}
const large: PackageSpec = { name: 'large', weight: 3_000_000 }
const lost: PackageSpec = { name: 'lost', weight: 10 }
const broken: PackageSpec = { name: 'broken', weight: 3_000_001 }
const damaged: PackageSpec = { name: 'damaged', weight: 20 }

let world: World
let made: Served
let first: string

beforeAll(async () => {
  world = createWorld()
  const main = [hello, { name: 'world', version: '2.0' }, large, lost, broken, damaged]
  made = await served(world, { packages: { main } }, { settings: { attempts: 1 } })
  first = (await timestampsOf(made.yard, 'debian'))[0]!
})
afterAll(() => world.remove())

const ask = (path: string, options: RequestOptions = {}) => askOf(made.server.url, path, options)
const latest = (path: string) => `/content/debian/latest/${path}`

/** Where a package lies, as the archive names it. */
function pathOf({ name }: PackageSpec): string {
  return [...made.archive.files.keys()].find(path => path.includes(`/${name}_`))!
}

const pool = (spec: PackageSpec) => pathOf(spec).replaceAll('%', '%25')
const original = (spec: PackageSpec) => made.archive.files.get(pathOf(spec))!

/** Other bytes of the same length in place of the package. */
function corrupt(spec: PackageSpec): void {
  const body = Buffer.from(original(spec)).reverse()
  made.upstream.onRequest = misbehave.bytes(path => (path === pathOf(spec) ? { body } : undefined))
}

function answerWith(status: number, spec: PackageSpec): void {
  made.upstream.onRequest = misbehave.status(status, path => path === pathOf(spec))
}

function behave(): void {
  made.upstream.onRequest = undefined
}

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
    made.upstream.drain()
    const { status, headers, body } = await ask(latest(pool(lost)), { method: 'HEAD' })
    expect([status, body.length, headers['content-length']]).toEqual([200, 0, String(original(lost).length)])
    expect(made.upstream.drain()).toEqual([])
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
    made.upstream.drain()
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
    expect(made.upstream.drain()).toEqual([])
  })

  it('are a clean error when upstream has lost them or does not answer', async () => {
    answerWith(404, lost)
    expect((await ask(latest(pool(lost)))).status).toBe(404)
    answerWith(503, lost)
    const { status, body } = await ask(latest(pool(lost)))
    expect(status).toBe(502)
    expect(body.toString()).not.toContain(made.yard.directory)
  })

  it('are a clean error, and not one byte, when upstream gives others', async () => {
    corrupt(damaged)
    const { status, body } = await ask(latest(pool(damaged)))
    expect(status).toBe(502)
    expect(body.toString()).toMatch(/^\/content\//)
  })

  it('never end cleanly when upstream turns out wrong after bytes have left', async () => {
    corrupt(broken)
    const { status, body, aborted } = await ask(latest(pool(broken)))
    expect(status === 502 || (aborted && body.length < original(broken).length)).toBe(true)
    behave()
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
  it('updates and installs from the newest snapshot, signatures on', async () => {
    const apt = await aptOf(world, made.server, 'debian/apt.sources')
    await cleanUpdate(apt)
    await apt.install('hello')
    const versions = [
      ['hello', hello.version],
      ['world', '2.0'],
    ]
    expect([...(await apt.installed())]).toEqual(versions)
    expect(await apt.update()).toMatch(/^Hit:/m)
  })
})

describe('an address that is taken', () => {
  it('is an error that says so, and closing twice does no harm', async () => {
    const port = Number(new URL(made.server.url).port)
    await made.yard.use(async open => {
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
})

describe('a damaged catalog', () => {
  it('leaves content and setup served, the API a clean error, and health degraded', async () => {
    const { directory } = made.yard
    await made.server.stop()
    for (const name of readdirSync(directory).filter(name => name.startsWith('catalog.sqlite')))
      writeFileSync(join(directory, name), 'garbage'.repeat(1000))
    made.server = await startServer(made.yard)
    const { server } = made
    world.atEnd(() => server.stop())
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
