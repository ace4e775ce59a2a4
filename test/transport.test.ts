import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Archive } from './world/apt/archive.ts'
import { type ArchiveServer, type Hook, misbehave } from './world/archive-server.ts'
import { mirrorOf, type TestYard } from './world/test-yard.ts'
import { add, createWorld, digestsOf, isWhole, packages, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const isDeb = (path: string) => path.endsWith('.deb')
/** The one package among the others that a server does not give as it should. */
const victim = (path: string) => path.includes('/p3_')
const few = packages(6, 20_000)

/** Packages that were fetched whole more than once; a verified blob never is. */
function fetchedTwice(server: ArchiveServer): string[] {
  const whole = server.requests.filter(({ path, status, range }) => isDeb(path) && status === 200 && !range)
  const paths = whole.map(({ path }) => path)
  return paths.filter((path, i) => paths.indexOf(path) !== i)
}

const enemies: [string, (archive: Archive) => Hook, RegExp][] = [
  ['answers 404', () => misbehave.status(404, victim), /HTTP 404/],
  ['answers 403', () => misbehave.status(403, victim), /HTTP 403/],
  ['answers 500', () => misbehave.status(500, victim), /HTTP 500/],
  ['redirects in a loop', () => misbehave.redirectLoop(victim), /redirect/],
  ['hangs up', () => misbehave.hangUp(victim), /hang up|closed|ECONNRESET/i],
  [
    'breaks off',
    archive =>
      misbehave.bytes(path =>
        victim(path)
          ? { body: archive.files.get(path)!.subarray(0, 5000), length: archive.files.get(path)!.length }
          : undefined,
      ),
    /p3_/,
  ],
  [
    'announces less than it is',
    archive =>
      misbehave.bytes(path =>
        victim(path) ? { body: archive.files.get(path)!.subarray(0, 5000) } : undefined,
      ),
    /p3_.*(size|bytes|long)/,
  ],
  [
    'announces more than it is',
    archive =>
      misbehave.bytes(path =>
        victim(path) ? { body: Buffer.concat([archive.files.get(path)!, Buffer.alloc(50)]) } : undefined,
      ),
    /p3_.*(size|bytes|long)/,
  ],
  [
    'sends other bytes of the right length',
    archive =>
      misbehave.bytes(path =>
        victim(path) ? { body: Buffer.alloc(archive.files.get(path)!.length, 'x') } : undefined,
      ),
    /p3_.*SHA-256/,
  ],
  [
    'sends nothing for a long time',
    () => misbehave.delay(8_000, victim),
    /p3_.*(no answer|nothing|waited|second)/,
  ],
]

describe.concurrent('a server that, for one package,', () => {
  it.each(enemies)(
    '%s: no snapshot; once repaired, nothing verified is fetched again',
    async (_, enemy, words) => {
      const { archive, server, yard } = await world.mirrored({ packages: { main: [{ name: 'one' }] } })
      await syncTo(yard, 'created')
      add(archive, ...few)
      server.drain()
      server.onRequest = enemy(archive)
      const run = await yard.run('sync')
      expect(run, run.stderr).toMatchObject({ status: 1 })
      expect(run.stderr).toMatch(words)
      expect(run.stderr).toContain('pool/main/p/p3/p3_1.0-1_amd64.deb')
      expect(run.stderr).not.toMatch(/a defect/)
      await isWhole(yard, 1)
      server.requests.splice(
        0,
        server.requests.length,
        ...server.requests.filter(({ path }) => !victim(path)),
      )
      server.onRequest = undefined
      await syncTo(yard, 'created')
      expect(fetchedTwice(server)).toEqual([])
      await isWhole(yard, 2)
    },
    60_000,
  )
})

describe.concurrent('a mirror in the middle of its update', () => {
  it('with a new InRelease and, for a moment, old indexes: the sync begins again and succeeds', async () => {
    const { archive, server, yard } = await world.mirrored({ byHash: false })
    await syncTo(yard, 'created')
    const before = new Map(archive.files)
    add(archive, { name: 'two' })
    let asked = 0
    server.onRequest = (path, _, response) => {
      if (!path.includes('binary-amd64/Packages') || ++asked > 2) return false
      const bytes = before.get(path)!
      response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes)
      return true
    }
    const run = await yard.run('sync')
    expect(run, run.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('1 added') })
    expect(run.stderr).toMatch(/upstream seems to change at this moment/)
    await isWhole(yard, 2)
  })

  it('for good: a clear error, and never a mixed snapshot', async () => {
    const { archive, server, yard } = await world.mirrored({ byHash: false })
    await syncTo(yard, 'created')
    const before = new Map(archive.files)
    add(archive, { name: 'two' })
    server.onRequest = (path, _, response) => {
      if (!path.includes('binary-amd64/Packages')) return false
      const bytes = before.get(path)
      if (bytes === undefined) return false
      response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes)
      return true
    }
    const run = await yard.run('sync')
    expect(run).toMatchObject({ status: 1, stderr: expect.stringMatching(/Packages/) })
    await isWhole(yard, 1)
  })

  it('is read through its by-hash names, which do not change', async () => {
    const { archive, server, yard } = await world.mirrored()
    await syncTo(yard, 'created')
    const before = new Map(archive.files)
    add(archive, { name: 'two' })
    server.onRequest = (path, _, response) => {
      if (!/binary-amd64\/Packages(\.|$)/.test(path) || path.includes('by-hash')) return false
      const bytes = before.get(path)
      if (bytes === undefined) return false
      response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes)
      return true
    }
    await syncTo(yard, 'created')
    expect(server.requests.filter(({ path }) => /Packages\.gz$/.test(path))).toEqual([])
  })

  it('that moves on to the next day while its packages are fetched', async () => {
    const { archive, server, yard } = await world.mirrored()
    await syncTo(yard, 'created')
    add(archive, ...few)
    let moved = false
    server.onRequest = path => {
      if (!victim(path) || moved) return false
      moved = true
      archive.files.delete(path)
      archive.update(([suite]) => {
        suite!.packages!.main = suite!.packages!.main!.map(spec =>
          spec.name === 'p3' ? { ...spec, version: '2.0-1' } : spec,
        )
      })
      archive.files.delete(path)
      return false
    }
    const run = await yard.run('sync')
    expect(run, run.stderr).toMatchObject({ status: 0 })
    expect(Object.keys(await digestsOf(yard, 'debian@latest'))).toContain('pool/main/p/p3/p3_2.0-1_amd64.deb')
    await isWhole(yard, 2)
  })

  it('that goes away in the middle leaves the last snapshot, and the next sync goes on where this one ended', async () => {
    const { archive, server, yard } = await world.mirrored({}, { concurrency: 1 })
    await syncTo(yard, 'created')
    add(archive, ...packages(10, 50_000))
    server.drain()
    let served = 0
    server.onRequest = (path, request) => {
      if (isDeb(path)) served++
      if (served <= 5) return false
      request.socket.destroy()
      return true
    }
    expect(await yard.run('sync')).toMatchObject({ status: 1 })
    await isWhole(yard, 1)
    server.onRequest = undefined
    expect(await yard.run('sync')).toMatchObject({ status: 0 })
    expect(server.requests.filter(({ path, status }) => isDeb(path) && status === 200)).toHaveLength(10)
    await isWhole(yard, 2)
  })
})

describe.concurrent('a file is looked for', () => {
  it('at the next mirror, file by file', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: few } })
    const second = await world.serve(archive)
    server.onRequest = misbehave.status(404, victim)
    yard.configure({
      debian: mirrorOf([server.url, second.url], world.keyring, {}, { policy: 'immediate' }),
    })
    await syncTo(yard, 'created')
    expect(second.requests.map(({ path }) => path)).toEqual(['pool/main/p/p3/p3_1.0-1_amd64.deb'])
  })

  it('at the next mirror, when the first one is not there at all', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: few } })
    const second = await world.serve(archive)
    await server.close()
    yard.configure({
      debian: mirrorOf([server.url, second.url], world.keyring, {}, { policy: 'immediate' }),
    })
    await syncTo(yard, 'created')
    await isWhole(yard, 1)
  })

  it('in `seed` directories before anything is fetched', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: few } })
    const directory = mkdtempSync(join(tmpdir(), 'switchyard-seed-'))
    world.atEnd(() => rmSync(directory, { recursive: true }))
    archive.writeTo(directory)
    yard.configure({
      debian: mirrorOf(server.url, world.keyring, {}, { policy: 'immediate', seed: [directory] }),
    })
    await syncTo(yard, 'created')
    expect(server.requests.filter(({ path }) => isDeb(path))).toEqual([])
    await isWhole(yard, 1)
  })

  it('in a `seed` directory whose file is not the one wanted: it is fetched instead', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: few } })
    const directory = mkdtempSync(join(tmpdir(), 'switchyard-seed-'))
    world.atEnd(() => rmSync(directory, { recursive: true }))
    const path = [...archive.files.keys()].find(victim)!
    world
      .archive({ name: 'stable', packages: { main: [{ ...few[3]!, content: 'other' }] } })
      .writeTo(directory)
    yard.configure({
      debian: mirrorOf(server.url, world.keyring, {}, { policy: 'immediate', seed: [directory] }),
    })
    await syncTo(yard, 'created')
    expect(server.requests.map(request => request.path)).toContain(path)
    await isWhole(yard, 1)
  })

  it('at the `fallback`, which learns nothing of what upstream is told', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: few } })
    const fallback = await world.serve({ files: new Map(archive.files) })
    const password = join(yard.directory, 'password')
    writeFileSync(password, 'a secret\n')
    const credentials = { username: 'us', password: { file: password }, headers: { 'X-Api-Key': 'a key' } }
    yard.configure({
      debian: mirrorOf(server.url, world.keyring, credentials, {
        policy: 'immediate',
        fallback: [fallback.url],
      }),
    })
    const told: [string, unknown, unknown][] = []
    const listen =
      (who: string, then: Hook): Hook =>
      (path, request, response) => {
        told.push([who, request.headers.authorization, request.headers['x-api-key']])
        return then(path, request, response)
      }
    server.onRequest = listen('upstream', misbehave.status(404, victim))
    fallback.onRequest = listen('fallback', () => false)
    await syncTo(yard, 'created')
    const login = `Basic ${Buffer.from('us:a secret').toString('base64')}`
    expect(told.filter(([who]) => who === 'fallback')).toEqual([['fallback', undefined, undefined]])
    expect(told.find(([who]) => who === 'upstream')).toEqual(['upstream', login, 'a key'])
  })

  it('at the `fallback`, when upstream has lost it', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: few } })
    const fallback = await world.serve({ files: new Map(archive.files) })
    for (const path of [...archive.files.keys()].filter(victim)) archive.files.delete(path)
    yard.configure({
      debian: mirrorOf(server.url, world.keyring, {}, { policy: 'immediate', fallback: [fallback.url] }),
    })
    await syncTo(yard, 'created')
    expect(fallback.requests.map(({ path }) => path)).toEqual(['pool/main/p/p3/p3_1.0-1_amd64.deb'])
  })
})

describe.concurrent('an upstream that', () => {
  const forWhole = async (hook: (yard: TestYard, server: ArchiveServer) => void, ...words: RegExp[]) => {
    const { server, yard } = await world.mirrored()
    hook(yard, server)
    const run = await yard.run('sync')
    expect(run).toMatchObject({ status: 1 })
    for (const word of words) expect(run.stderr).toMatch(word)
  }

  it('has no such suite: an error that names it and the URL', () =>
    forWhole(
      (yard, server) => yard.configure({ debian: mirrorOf(server.url, world.keyring, { suite: 'stabel' }) }),
      /stabel/,
      /127\.0\.0\.1/,
      /check the name of the suite/,
    ))

  it('answers every question with 500: an error that says so', () =>
    forWhole(
      (_, server) => {
        server.onRequest = misbehave.status(500, () => true)
      },
      /HTTP 500/,
      /InRelease/,
    ))

  it('answers everything with a page of HTML: an error that names InRelease', () =>
    forWhole((_, server) => {
      server.onRequest = misbehave.bytes(() => ({ body: Buffer.from('<html>Welcome to our Wi-Fi</html>') }))
    }, /InRelease/))

  it('sends a Release without end: it is cut off', () =>
    forWhole(
      (_, server) => {
        server.onRequest = (_path, _request, response) => {
          response.writeHead(200)
          const chunk = Buffer.alloc(1 << 20, 'a')
          const more = () => response.write(chunk, error => error || setImmediate(more))
          more()
          return true
        }
      },
      /InRelease/,
      /larger|more than|too|limit|exceeds/i,
    ))

  it('refuses connections: an error that names the host', () =>
    forWhole(yard => {
      yard.configure({ debian: mirrorOf('http://127.0.0.1:1', world.keyring) })
    }, /127\.0\.0\.1:1/))
})
