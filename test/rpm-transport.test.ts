import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Certificates, makeCertificates } from '../src/upstream/fetch/certificates.fixture.ts'
import { type ArchiveServer, type Hook, misbehave, type Served } from './world/archive-server.ts'
import { hash } from './world/hash.ts'
import { editMetadata, pathOf, repomdOf, setRepomd } from './world/rpm/edit-metadata.ts'
import { type RpmMirrored, rpmMirror, rpmMirrored, smallRpms } from './world/rpm/mirrored.ts'
import { createRpmRepository } from './world/rpm/repository.ts'
import { startServer } from './world/running-server.ts'
import type { Settings } from './world/test-yard.ts'
import { createWorld, digestsOf, failsWith, isWhole, syncTo, type World } from './world/world.ts'

let world: World
let certificates: Certificates
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
  certificates = makeCertificates()
  world.atEnd(certificates.remove)
})
afterAll(() => world.remove())

const few = smallRpms(['alpha', 'beta', 'gamma', 'victim'], 20_000)
const [first] = few
const less = new Map([first!])
const victimPath = 'Packages/victim-1.0-1.noarch.rpm'
const victim = (path: string) => path === victimPath
const isRpm = (path: string) => path.endsWith('.rpm')
const pathsOf = (server: ArchiveServer) => server.requests.map(({ path }) => path)

/** An https server of documents that may change, such as a metalink; what it was asked for with which headers. */
async function serveTls(
  answer: (path: string) => Buffer | string | undefined,
  options: https.ServerOptions = {},
) {
  const asked: { path: string; headers: NodeJS.Dict<string | string[]>; certificate: boolean }[] = []
  const server = https.createServer(
    {
      key: certificates.read('server.key'),
      cert: certificates.read('server.pem'),
      ca: certificates.read('ca.pem'),
      ...options,
    },
    (request, response) => {
      const path = decodeURIComponent(request.url!).slice(1)
      const { authorized } = request.socket as unknown as { authorized: boolean }
      asked.push({ path, headers: request.headers, certificate: authorized })
      const body = answer(path.replace(/\?.*/s, ''))
      if (body === undefined) response.writeHead(404).end()
      else response.writeHead(200, { 'Content-Length': Buffer.byteLength(body) }).end(body)
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  world.atEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server }
}

function metalinkOf(
  repomd: Buffer,
  urls: string[],
  hashes = ['sha256'] as ('md5' | 'sha1' | 'sha256' | 'sha512')[],
): string {
  const url = (base: string, i: number) =>
    `<url protocol="http" type="http" preference="${100 - i}">${base}/repodata/repomd.xml</url>`
  return `<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/" xmlns:mm0="http://fedorahosted.org/mirrormanager">
 <files><file name="repomd.xml"><mm0:timestamp>1700000000</mm0:timestamp><size>${repomd.length}</size>
  <verification>${hashes.map(type => `<hash type="${type}">${hash(type, repomd)}</hash>`).join('')}</verification>
  <resources maxconnections="1">${urls.map(url).join('')}</resources></file></files></metalink>`
}

const repomdPath = 'repodata/repomd.xml'
const repomdBytes = (served: Served) => served.files.get(repomdPath)!

/** A mirror by metalink over TLS of one repository that several servers have. */
async function byMetalink(
  servers: number,
  upstream: Settings = {},
  more: Settings = { policy: 'immediate' },
) {
  const made = await rpmMirrored(world, { packages: few })
  const mirrors = [made.server]
  for (let i = 1; i < servers; i++) mirrors.push(await world.serve(made.repository))
  const list = { text: '' }
  const tell = () => {
    list.text = metalinkOf(
      repomdBytes(made.repository),
      mirrors.map(({ url }) => url),
    )
  }
  tell()
  const tls = await serveTls(path => (path === 'metalink' ? list.text : undefined))
  const settings = {
    verify: 'metalink',
    metalink: `${tls.url}/metalink?repo=x&arch=y`,
    'certificate-authority': certificates.file('ca.pem'),
    ...upstream,
  }
  made.yard.configure({ base: rpmMirror([], settings, more) })
  return { ...made, mirrors, list, tell, tls, settings }
}

describe('verify: metalink', () => {
  it('trusts the checksum of repomd.xml; nothing new costs the metalink alone', async () => {
    const { repository, mirrors, tell, tls, yard } = await byMetalink(2)
    await syncTo(yard, 'created')
    expect((await yard.run('snapshots', '--json')).stdout).toMatch(/"kind": ?"metalink"/)
    tls.asked.length = 0
    for (const mirror of mirrors) mirror.drain()
    await syncTo(yard, 'unchanged')
    expect([tls.asked.length, ...mirrors.map(({ requests }) => requests.length)]).toEqual([1, 0, 0])
    expect(tls.asked[0]!.path).toBe('metalink?repo=x&arch=y')
    repository.publish({ packages: less })
    tell()
    await syncTo(yard, 'created')
    await isWhole(yard, 2)
  })

  it('passes over a mirror that lags behind, also where that one says "not modified"', async () => {
    const { repository, mirrors, tell, yard } = await byMetalink(2)
    await syncTo(yard, 'created')
    const old = new Map(repository.files)
    repository.publish({ packages: less })
    tell()
    mirrors[0]!.onRequest = (path, request, response) => {
      if (!path.startsWith('repodata/')) return false
      const bytes = old.get(path)
      if (bytes === undefined || 'if-none-match' in request.headers)
        response.writeHead(bytes ? 304 : 404).end()
      else response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes)
      return true
    }
    mirrors.forEach(mirror => void mirror.drain())
    await syncTo(yard, 'created')
    expect(pathsOf(mirrors[0]!)).toEqual([repomdPath])
    await isWhole(yard, 2)
  })

  it('refuses mirrors of other content, and says so', async () => {
    const { repository, list, yard, mirrors } = await byMetalink(2)
    await syncTo(yard, 'created')
    repository.publish({ packages: less })
    list.text = metalinkOf(
      Buffer.from('another'),
      mirrors.map(({ url }) => url),
    )
    failsWith(
      await yard.run('sync'),
      1,
      /not the one that the metalink names/,
      'repodata/repomd.xml',
      /1 more/,
    )
    await isWhole(yard, 1)
  })

  it('wants a strong digest', async () => {
    const { list, mirrors, repository, yard } = await byMetalink(1)
    list.text = metalinkOf(repomdBytes(repository), [mirrors[0]!.url], ['md5', 'sha1'])
    failsWith(await yard.run('sync'), 1, /no SHA-256/)
    list.text = metalinkOf(repomdBytes(repository), [mirrors[0]!.url], ['md5', 'sha512'])
    await syncTo(yard, 'created')
  })

  it.each([
    ['a web page', '<html>Welcome to our Wi-Fi</html>', /metalink/],
    [
      'the metalink of something else',
      '<metalink><files><file name="x.iso"/></files></metalink>',
      /repomd\.xml/,
    ],
    ['one with a bomb', '<!DOCTYPE x [<!ENTITY a "aaaa">]><metalink>&a;</metalink>', /metalink/],
    ['one without mirrors', metalinkOf(Buffer.from('x'), []), /no mirror/],
  ])('refuses %s in its place', async (_, text, words) => {
    const { list, yard } = await byMetalink(1)
    list.text = text
    failsWith(await yard.run('sync'), 1, words)
    await isWhole(yard, 0)
  })

  it('over http is refused by the configuration, and so is one whose certificate nobody vouches for', async () => {
    const { settings, yard } = await byMetalink(1)
    yard.configure({ base: rpmMirror([], { ...settings, metalink: 'http://mirror.example.org/metalink' }) })
    failsWith(await yard.run('sync'), 2, /https/)
    const { 'certificate-authority': _, ...unknown } = settings
    yard.configure({ base: rpmMirror([], unknown) })
    failsWith(await yard.run('sync'), 1, /certificate/)
  })
})

const enemies: [string, Hook][] = [
  ['lacks one package', misbehave.status(404, victim)],
  ['forbids one package', misbehave.status(403, victim)],
  ['fails for one package', misbehave.status(500, victim)],
  ['hangs up for one package', misbehave.hangUp(victim)],
  ['redirects in a loop for one package', misbehave.redirectLoop(victim)],
  [
    'has other bytes of one package',
    misbehave.bytes(path => (victim(path) ? { body: Buffer.alloc(few.get(path)!.length, 'x') } : undefined)),
  ],
  [
    'has one package of another length',
    misbehave.bytes(path => (victim(path) ? { body: Buffer.alloc(99, 'x') } : undefined)),
  ],
  ['lacks its primary.xml', misbehave.status(403, path => path.includes('-primary.xml'))],
]

/** A yard whose mirror is a mirrorlist. */
async function byMirrorlist(
  servers: number,
  upstream: Settings = {},
  more: Settings = { policy: 'immediate' },
) {
  const made = await rpmMirrored(world, { packages: few })
  const mirrors = [made.server]
  for (let i = 1; i < servers; i++) mirrors.push(await world.serve(made.repository))
  const list = { text: `# a comment\n${mirrors.map(({ url }) => `${url}/\n`).join('')}` }
  const lister = await world.serve({ files: new Map() })
  lister.onRequest = misbehave.bytes(() => ({ body: Buffer.from(list.text) }))
  const settings = { mirrorlist: `${lister.url}/list?arch=x`, ...upstream }
  made.yard.configure({ base: rpmMirror([], settings, more) }, { server: { listen: '127.0.0.1:0' } })
  return { ...made, mirrors, list, lister, settings }
}

describe.concurrent('a mirror of a mirrorlist that', () => {
  it.each(enemies)('%s: that file alone comes from the next', async (_, enemy) => {
    const { mirrors, yard } = await byMirrorlist(2)
    mirrors[0]!.onRequest = enemy
    await syncTo(yard, 'created')
    const asked = pathsOf(mirrors[1]!)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatch(/victim|primary/)
    await isWhole(yard, 1)
  })

  it('is not there at all is passed over, as are those of other protocols and other repositories', async () => {
    const { mirrors, list, yard } = await byMirrorlist(2)
    const empty = await world.serve({ files: new Map() })
    list.text = `http://127.0.0.1:1/x\nrsync://mirror.example.org/y\nftp://mirror.example.org/z\n${empty.url}\n${mirrors[1]!.url}`
    await syncTo(yard, 'created')
    expect(pathsOf(mirrors[0]!)).toEqual([])
    await isWhole(yard, 1)
  })

  it('changes its order costs nothing: nothing new is the list and one conditional request', async () => {
    const { mirrors, list, lister, yard } = await byMirrorlist(2)
    await syncTo(yard, 'created')
    list.text = list.text.split('\n').reverse().join('\n')
    await syncTo(yard, 'unchanged')
    for (const server of [lister, ...mirrors]) server.drain()
    await syncTo(yard, 'unchanged')
    expect([lister, ...mirrors].map(({ requests }) => requests.map(({ status }) => status))).toEqual([
      [200],
      [],
      [304],
    ])
  })

  it.each([
    ['is gone', undefined, /no mirrorlist/],
    ['is a web page', '<html>', /mirrorlist/],
    ['names nothing', '# error: no such repo', /mirror/],
  ])('%s: a clear error, and the old snapshot still served', async (_, text, words) => {
    const { list, lister, yard } = await byMirrorlist(1)
    await syncTo(yard, 'created')
    if (text === undefined) lister.onRequest = undefined
    else list.text = text
    failsWith(await yard.run('sync'), 1, words)
    await isWhole(yard, 1)
  })
})

describe('several repositories', () => {
  it('are synced for themselves: what one upstream lacks keeps no other back, and is fetched alone when it is there', async () => {
    const made = await rpmMirrored(world, { packages: less })
    const broken = createRpmRepository(world.signing, { packages: few })
    broken.files.delete(victimPath)
    const server = await world.serve(broken)
    const more = { policy: 'immediate' }
    made.yard.configure({
      base: rpmMirror(made.server.url, {}, more),
      broken: rpmMirror(server.url, {}, more),
    })
    failsWith(await made.yard.run('sync'), 4, victimPath, /404/)
    await isWhole(made.yard, 1)
    broken.files.set(victimPath, few.get(victimPath)!)
    server.drain()
    await syncTo(made.yard, 'created', 'broken')
    expect(pathsOf(server).filter(isRpm)).toEqual([victimPath])
  })
})

describe('on demand', () => {
  it('a new process fetches from the mirrors that the list named at the last sync', async () => {
    const { lister, mirrors, repository, yard } = await byMirrorlist(2, {}, { policy: 'on-demand' })
    await syncTo(yard, 'created')
    await lister.close()
    mirrors[0]!.onRequest = misbehave.status(404, victim)
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const { status, body } = await server.get(`/content/base/latest/${victimPath}`)
    expect(status, body.toString().slice(0, 500)).toBe(200)
    expect(body.equals(repository.files.get(victimPath)!)).toBe(true)
  })

  it('a package at another base URL is fetched from there, also after syncs that did not read its listing', async () => {
    const made = await rpmMirrored(world, { packages: few }, {}, { policy: 'on-demand' })
    const elsewhere = await world.serve({ files: new Map([[`far/${victimPath}`, few.get(victimPath)!]]) })
    const edit = (server: ArchiveServer) => {
      made.repository.files.delete(victimPath)
      editMetadata(made.repository.files, 'primary', text =>
        text.replace(
          `<location href="${victimPath}"`,
          `<location xml:base="${server.url}/far" href="${victimPath}"`,
        ),
      )
    }
    edit(elsewhere)
    await syncTo(made.yard, 'created')
    await syncTo(made.yard, 'unchanged')
    made.repository.publish({ packages: new Map([...few].filter(([path]) => path !== first![0])) })
    edit(elsewhere)
    await syncTo(made.yard, 'created')
    const server = await startServer(made.yard)
    world.atEnd(() => server.stop())
    const { status, body } = await server.get(`/content/base/latest/${victimPath}`)
    expect(status, body.toString().slice(0, 500)).toBe(200)
    expect(pathsOf(elsewhere)).toEqual([`far/${victimPath}`])
  })
})

describe('a base URL of a package', () => {
  it.each(['ftp://mirror.example.org/x', 'file:///etc', 'nonsense'])('%s is refused', async base => {
    const made = await rpmMirrored(world, { packages: few })
    editMetadata(made.repository.files, 'primary', text =>
      text.replace(`<location href="${victimPath}"`, `<location xml:base="${base}" href="${victimPath}"`),
    )
    failsWith(await made.yard.run('sync'), 1, victimPath, base, /http/)
    await isWhole(made.yard, 0)
  })
})

describe('credentials', () => {
  const login = `Basic ${Buffer.from('us:a secret').toString('base64')}`

  /** What each server was told. */
  function listen(server: ArchiveServer, told: Set<string>): void {
    server.onRequest = (_, { headers }) => {
      told.add(`${headers.authorization} ${headers['x-api-key']}`)
      return false
    }
  }

  it('and headers stay with the hosts that the operator named, whatever lists and packages say', async () => {
    const { repository, mirrors, lister, settings, yard, list } = await byMirrorlist(1)
    const base = await world.serve({ files: new Map([[victimPath, few.get(victimPath)!]]) })
    repository.files.delete(victimPath)
    editMetadata(repository.files, 'primary', text =>
      text.replace(`<location href="${victimPath}"`, `<location xml:base="${base.url}" href="${victimPath}"`),
    )
    writeFileSync(join(yard.directory, 'password'), 'a secret\n')
    const secrets = {
      username: 'us',
      password: { file: join(yard.directory, 'password') },
      headers: { 'X-Api-Key': 'a key' },
    }
    yard.configure({ base: rpmMirror([], { ...settings, ...secrets }, { policy: 'immediate' }) })
    const [strangers, ours] = [new Set<string>(), new Set<string>()]
    for (const server of [mirrors[0]!, base]) listen(server, strangers)
    lister.onRequest = (path, { headers }, response) => {
      ours.add(`${headers.authorization} ${headers['x-api-key']}`)
      const bytes =
        path === 'list' ? Buffer.from(list.text) : repository.files.get(path.slice('repo/'.length))
      response.writeHead(bytes ? 200 : 404).end(bytes)
      return true
    }
    await syncTo(yard, 'created')
    expect([...strangers]).toEqual(['undefined undefined'])
    list.text = `${lister.url}/repo/`
    repository.publish({ packages: less })
    await syncTo(yard, 'created')
    expect([...ours]).toEqual([`${login} a key`])
    const memory = await yard.run('snapshots', '--json')
    expect(memory.stdout).not.toMatch(/a secret|a key/)
  })

  it('as a client certificate: shown to the host that asks for it', async () => {
    const repository = createRpmRepository(world.signing, { packages: few })
    const tls = await serveTls(path => repository.files.get(path), {
      requestCert: true,
      rejectUnauthorized: true,
    })
    const { yard } = await rpmMirrored(world, { packages: less })
    const authority = { 'certificate-authority': certificates.file('ca.pem') }
    const own = { certificate: certificates.file('client.pem'), key: certificates.file('client.key') }
    yard.configure({ base: rpmMirror(tls.url, authority, { policy: 'immediate' }) })
    expect((await yard.run('sync')).status).toBe(1)
    yard.configure({
      base: rpmMirror(tls.url, { ...authority, 'client-certificate': own }, { policy: 'immediate' }),
    })
    await syncTo(yard, 'created')
    expect(tls.asked.every(({ certificate }) => certificate)).toBe(true)
    await isWhole(yard, 1)
  })
})

describe('a mirror', () => {
  const published = async (made: RpmMirrored): Promise<Map<string, Buffer>> => {
    await syncTo(made.yard, 'created')
    const before = new Map(made.repository.files)
    made.repository.publish({ packages: few })
    return before
  }

  it('is asked one conditional question when nothing is new', async () => {
    const { server, yard } = await rpmMirrored(world, { packages: few })
    await syncTo(yard, 'created')
    server.drain()
    await syncTo(yard, 'unchanged')
    expect(server.requests.map(({ path, status, conditional }) => [path, status, conditional])).toEqual([
      [repomdPath, 304, true],
    ])
  })

  it('that goes away in the middle of a package is asked for the rest of it', async () => {
    const heavy = smallRpms(['heavy'], 3_000_000)
    const { server, repository, yard } = await rpmMirrored(world, { packages: heavy })
    let cut = 0
    server.onRequest = (path, request, response) => {
      if (!isRpm(path)) return false
      if (cut++ > 0) request.socket.destroy()
      else {
        const bytes = repository.files.get(path)!
        response.writeHead(200, { 'Content-Length': bytes.length })
        response.write(bytes.subarray(0, 2_000_000), () => setTimeout(() => response.destroy(), 100))
      }
      return true
    }
    expect((await yard.run('sync')).status).toBe(1)
    server.onRequest = undefined
    server.drain()
    await syncTo(yard, 'created')
    const ranges = server.requests
      .filter(({ path }) => isRpm(path))
      .map(({ status, range }) => [status, range])
    expect(ranges).toEqual([[206, expect.stringMatching(/^bytes=\d{6,}-/)]])
    await isWhole(yard, 1)
  })

  it('with a new repomd.xml whose primary.xml comes a moment later: the sync begins again and succeeds', async () => {
    const made = await rpmMirrored(world, { packages: less })
    await published(made)
    let asked = 0
    made.server.onRequest = misbehave.status(404, path => path.includes('-primary.xml') && ++asked <= 1)
    const run = await made.yard.run('sync')
    expect(run, run.stderr).toMatchObject({ status: 0 })
    expect(run.stderr).toMatch(/upstream seems to change at this moment/)
    await isWhole(made.yard, 2)
  })

  it('with a new repomd.xml and an old primary.xml for good: a clear error, never a mixed snapshot', async () => {
    const made = await rpmMirrored(world, { packages: less, createrepo: ['--simple-md-filenames'] })
    await syncTo(made.yard, 'created')
    const before = new Map(made.repository.files)
    const digests = await digestsOf(made.yard, 'base')
    made.repository.publish({ packages: few, createrepo: ['--simple-md-filenames'] })
    const path = pathOf(made.repository.files, 'primary')
    made.repository.files.set(path, before.get(path)!)
    failsWith(await made.yard.run('sync'), 1, path)
    expect(await digestsOf(made.yard, 'base')).toEqual(digests)
    await isWhole(made.yard, 1)
  })

  it('that moves on to the next day while its packages are fetched', async () => {
    const made = await rpmMirrored(world, { packages: less })
    await published(made)
    let moved = false
    made.server.onRequest = path => {
      if (victim(path) && !moved) {
        moved = true
        made.repository.publish({ packages: new Map([...few].filter(([path]) => !victim(path))) })
      }
      return false
    }
    const run = await made.yard.run('sync')
    expect(run, run.stderr).toMatchObject({ status: 0 })
    expect(Object.keys(await digestsOf(made.yard, 'base'))).not.toContain(victimPath)
    await isWhole(made.yard, 2)
  })

  it('that went back to an older day is not followed; the next one is asked, else it is said with the age', async () => {
    const made = await rpmMirrored(world, { packages: less })
    const old = await published(made)
    const dated = (files: Map<string, Buffer>, time: number) =>
      setRepomd(files, repomdOf(files).replace(/<timestamp>\d+/g, `<timestamp>${time}`))
    const now = Math.floor(Date.now() / 1000)
    dated(made.repository.files, now)
    await syncTo(made.yard, 'created')
    dated(old, now - 3 * 86_400)
    const lagging = await world.serve({ files: old })
    made.yard.configure({ base: rpmMirror(lagging.url, {}, { policy: 'immediate' }) })
    const run = await made.yard.run('sync')
    expect(run.stderr + run.stdout).toMatch(/older than what we hold.*0 days old/s)
    await isWhole(made.yard, 2)
    made.repository.publish({ packages: new Map([...few].slice(1)) })
    made.yard.configure({ base: rpmMirror([lagging.url, made.server.url], {}, { policy: 'immediate' }) })
    await syncTo(made.yard, 'created')
    await isWhole(made.yard, 3)
  })
})
