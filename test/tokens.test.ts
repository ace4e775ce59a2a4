import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Name, Right } from '../src/model/index.ts'
import { apiPrefix, type Operation, routeOf, routes } from '../src/wire/index.ts'
import { type RunningServer, startServer } from './world/running-server.ts'
import { startCommand, type TestYard } from './world/test-yard.ts'
import { add, createWorld, failsWith, type Mirrored, packages, type World } from './world/world.ts'

/** Who may change what over HTTP, for every route of the table. */
let world: World
let mirrored: Mirrored
let yard: TestYard
let server: RunningServer
let directory: string
const tokens = new Map<string, string>()

beforeAll(async () => {
  world = createWorld()
  mirrored = await world.mirrored({ packages: { main: packages(3, 1_000) } }, {}, { policy: 'on-demand' })
  yard = world.yard({}, { more: { server: { listen: '127.0.0.1:0' } } })
  directory = mkdtempSync(join(tmpdir(), 'switchyard-tokens-'))
  world.atEnd(() => rmSync(directory, { recursive: true, force: true }))
  const { repositories } = JSON.parse(readFileSync(join(mirrored.yard.directory, 'switchyard.yaml'), 'utf8'))
  yard.configure({ ...repositories, ours: { uploads: 'deb' } })
  await yard.use(async ({ yard }) => {
    const make = async (name: string, rights: Right[], expiresAt?: number) =>
      void tokens.set(name, (await yard.createToken(name as Name, { rights, expiresAt })).token)
    await make('admin', ['admin'])
    await make('expired', ['admin'], Date.now() - 1_000)
    await make('revoked', ['admin'])
    await yard.revokeToken('revoked' as Name)
    await make('holder', ['hold:web'])
    await make('syncer', ['sync:debian', 'token'])
    await make('mover', ['promote:web/staging'])
    await make('uploader', ['upload:ours', 'fetch:debian'])
  })
  tokens.set(
    'wrong',
    tokens.get('admin')!.replace(/.$/, last => (last === 'A' ? 'E' : 'A')),
  )
  tokens.set('malformed', 'admin')
  server = await startServer(yard)
})
afterAll(async () => {
  await server.stop()
  await world.remove()
})

interface Answer {
  status: number
  error?: { code: string; message: string; hint?: string }
  value: unknown
}

async function ask(
  method: string,
  path: string,
  token: string | undefined,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`${server.url}${apiPrefix}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${tokens.get(token) ?? token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  })
  const value = JSON.parse(await answer.text())
  return { status: answer.status, value, error: value.error }
}

const guarded = (Object.keys(routes) as Operation[]).filter(name => routeOf(name).right !== undefined)
const pathOf = (operation: Operation) => routeOf(operation).path.replace(/\{\w+\}/g, 'x')

it('whatever is no GET needs a token with a right', () => {
  for (const operation of Object.keys(routes) as Operation[])
    if (routeOf(operation).method !== 'GET') expect(routeOf(operation).right, operation).toBeDefined()
})

/** Every guarded operation with a token: what it is answered with. */
async function everywhere(token: (operation: Operation) => string | undefined) {
  const answers = await Promise.all(
    guarded.map(async operation => {
      const { method } = routeOf(operation)
      const body = method === 'GET' || method === 'DELETE' ? undefined : '{}'
      return [operation, await ask(method, pathOf(operation), token(operation), body)] as const
    }),
  )
  return Object.fromEntries(answers)
}

describe('every route that needs a token', () => {
  it.each([
    ['no token', undefined, /this needs a token, and none came/],
    ['a wrong one', 'wrong', /is not one of this yard/],
    ['what is none', 'malformed', /is not one of this yard/],
    ['an expired one', 'expired', /the token expired expired at \d{8}T/],
    ['a revoked one', 'revoked', /the token revoked was revoked at \d{8}T/],
  ])('refuses %s', async (_, token, message) => {
    const answers = await everywhere(() => token)
    expect(Object.keys(answers).length).toBeGreaterThan(20)
    for (const [operation, { status, error }] of Object.entries(answers)) {
      expect({ operation, status, code: error?.code }).toEqual({
        operation,
        status: 401,
        code: 'unauthenticated',
      })
      expect(error?.message).toMatch(message)
    }
  })

  it('refuses a token that has other rights', async () => {
    const other = (operation: Operation) => (routeOf(operation).right === 'hold' ? 'syncer' : 'holder')
    const answers = await everywhere(other)
    for (const [operation, { status, error }] of Object.entries(answers)) {
      const { right } = routeOf(operation as Operation)
      if (right === 'any') expect(status, operation).not.toBe(403)
      else {
        expect({ operation, status, code: error?.code }).toEqual({
          operation,
          status: 403,
          code: 'forbidden',
        })
        expect(error?.message).toContain(`has not the right ${right}`)
      }
    }
  })
})

describe('a token', () => {
  it('is for what its scope names', async () => {
    const sync = (repositories: string[]) => ask('POST', '/sync', 'syncer', JSON.stringify({ repositories }))
    expect(await sync(['debian'])).toMatchObject({
      status: 200,
      value: { reports: [{ outcome: 'created' }] },
    })
    expect(await sync([])).toMatchObject({ status: 403, error: { message: /has not the right sync;/ } })
    expect(await sync(['debian', 'ours'])).toMatchObject({ status: 403, error: { message: /sync:ours;/ } })
    expect(await ask('POST', '/repositories/debian/uploads', 'uploader', '{"files":[]}')).toMatchObject({
      status: 400,
    })
  })

  it('goes past no gate without the right to', async () => {
    const promote = (channel: string, body: object) =>
      ask('POST', `/channels/web/${channel}/promote`, 'mover', JSON.stringify(body))
    const gone = { status: 404, error: { code: 'not-found' } }
    expect(await promote('staging', {})).toMatchObject(gone)
    expect(await promote('production', {})).toMatchObject({
      status: 403,
      error: { message: /has not the right promote:web\/production;/ },
    })
    expect(await promote('staging', { override: [], why: 'x' })).toMatchObject(gone)
    expect(await promote('staging', { override: ['soak'], why: 'x' })).toMatchObject({
      status: 403,
      error: { message: /has not the right override:web\/staging;/ },
    })
    expect(await ask('POST', '/channels/web/staging/rollback', 'mover', '{}')).toMatchObject({ status: 403 })
  })

  it('gives no rights that it has not', async () => {
    const create = (rights: string[]) =>
      ask('POST', '/tokens', 'syncer', JSON.stringify({ name: 'child', rights }))
    expect(await create(['admin'])).toMatchObject({ status: 403, error: { message: /the right admin;/ } })
    expect(await create(['sync'])).toMatchObject({ status: 403 })
    expect(await create(['sync:debian', 'upload:ours'])).toMatchObject({ status: 403 })
    expect(await create(['nonsense'])).toMatchObject({ status: 400, error: { code: 'usage' } })
    expect(await create(['sync:debian'])).toMatchObject({ status: 200, value: { summary: { by: 'syncer' } } })
  })

  it('is nowhere in what the server wrote, nor in the yard, nor in an answer', async () => {
    const lost = await ask('DELETE', `/tokens/${tokens.get('mover')}`, 'admin')
    expect(lost.status).toBe(400)
    const log = await ask('GET', '/log?limit=1000', 'admin')
    const list = await ask('GET', '/tokens', 'admin')
    for (const [name, token] of tokens) {
      if (name === 'malformed') continue
      for (const text of [server.log(), JSON.stringify(log), JSON.stringify(list), JSON.stringify(lost)])
        expect(text).not.toContain(token)
    }
    expect(server.log()).toContain('/api/v1/sync')
  })
})

it('a token whose ref was tampered with is worth nothing, and nothing else suffers', async () => {
  const { token } = await yard.use(open => open.yard.createToken('broken' as Name, { rights: ['sync'] }))
  const file = join(yard.directory, 'refs/tokens/broken.json')
  const text = readFileSync(file, 'utf8')
  for (const damaged of [
    '',
    '{',
    'null',
    '{}',
    text.replace(/"digest":"[^"]*"/, '"digest":"f00"'),
    text.replace('"broken"', '"admin"'),
  ]) {
    writeFileSync(file, damaged)
    expect([await ask('POST', '/sync', token, '{}')], damaged).toMatchObject([
      { status: 500, error: { code: 'damaged' } },
    ])
  }
  rmSync(file)
  expect(await ask('POST', '/sync', token, '{}')).toMatchObject({ status: 401 })
  expect(await ask('GET', '/tokens', 'admin')).toMatchObject({ status: 200 })
})

describe('bodies', () => {
  const blob = randomBytes(300_000)
  const digest = createHash('sha256').update(blob).digest('hex')
  const octets = { 'Content-Type': 'application/octet-stream' }

  it('are read after the token, and not beyond their limit', async () => {
    const large = JSON.stringify({ repositories: [], why: 'x'.repeat(3_000_000) })
    const answers = [
      await ask('POST', '/sync', 'admin', large),
      await ask('POST', '/sync', 'admin', JSON.stringify({ why: 'x'.repeat(2_001) })),
      await ask('POST', '/sync', 'admin', '{"repositories":'),
      await ask('POST', '/sync', 'admin', 'a=b', { 'Content-Type': 'text/plain' }),
      await ask('POST', '/sync', 'admin', blob, octets),
    ]
    for (const { status, error } of answers) expect([status, error?.code]).toEqual([400, 'usage'])
  })

  it('that are blobs must have the digest that they are put under', async () => {
    const put = (sha256: string) => ask('PUT', `/blobs/${sha256}`, 'uploader', blob, octets)
    const missing = async () =>
      (await ask('POST', '/blobs/missing', 'uploader', JSON.stringify({ digests: [digest] }))).value
    expect(await put('0'.repeat(64))).toMatchObject({ status: 422, error: { code: 'invalid' } })
    expect(await put('..%2f..%2fx')).toMatchObject({ status: 400 })
    expect(await missing()).toEqual({ missing: [digest] })
    expect(await put(digest)).toMatchObject({ status: 200, value: { sha256: digest, size: blob.length } })
    expect(await missing()).toEqual({ missing: [] })
    expect(await put(digest)).toMatchObject({ status: 200 })
    const files = [{ file: 'x.deb', sha256: digest }]
    expect(
      await ask('POST', '/repositories/ours/uploads', 'uploader', JSON.stringify({ files })),
    ).toMatchObject({ value: { outcome: 'refused', refused: [{ name: 'x.deb', code: 'invalid' }] } })
    const gone = [{ file: 'y.deb', sha256: 'f'.repeat(64) }]
    expect(
      await ask('POST', '/repositories/ours/uploads', 'uploader', JSON.stringify({ files: gone })),
    ).toMatchObject({ value: { outcome: 'refused', refused: [{ name: 'y.deb', code: 'not-found' }] } })
  })
})

describe('a client that goes away', () => {
  it('cancels what it asked for, and what came is kept', async () => {
    let asked = 0
    let free = () => {}
    const held = new Promise<void>(resolve => (free = resolve))
    mirrored.server.onRequest = async path => {
      if (path.endsWith('.deb')) {
        asked++
        await held
      }
      return false
    }
    const gone = new AbortController()
    const answer = await fetch(`${server.url}${apiPrefix}/snapshots/debian/fetch`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${tokens.get('uploader')}`,
        'Content-Type': 'application/json',
        Accept: 'application/x-ndjson',
      },
      body: '{}',
      signal: gone.signal,
    })
    expect(answer.headers.get('content-type')).toMatch(/^application\/x-ndjson/)
    await expect.poll(() => asked).toBeGreaterThan(0)
    gone.abort()
    const last = async () => (await yard.use(({ yard }) => yard.log({ limit: 1 })))[0]
    await expect.poll(async () => (await last())?.verb, { timeout: 20_000 }).toBe('fetch')
    expect(await last()).toMatchObject({ who: 'uploader', via: 'api', detail: { failed: 'cancelled' } })
    free()
    mirrored.server.onRequest = undefined
    expect(await ask('POST', '/snapshots/debian/fetch', 'uploader', '{}')).toMatchObject({ status: 200 })
  })
})

describe('a command that is killed', () => {
  it('in the middle of a sync on a server: the sync is cancelled, and the next one does it', async () => {
    add(mirrored.archive, { name: 'new' })
    let free = () => {}
    const held = new Promise<void>(resolve => (free = resolve))
    let asked = 0
    mirrored.server.onRequest = async path => {
      if (!path.endsWith('Release')) {
        asked++
        await held
      }
      return false
    }
    const environment = { SWITCHYARD_SERVER: server.url, SWITCHYARD_TOKEN: tokens.get('syncer')! }
    const command = startCommand(['sync', 'debian'], environment)
    await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(0)
    command.kill('SIGKILL')
    await command.done
    await delay(500)
    free()
    mirrored.server.onRequest = undefined
    // It is `busy` until the one that was cancelled has ended, and would be `unchanged` if that had gone on.
    const outcome = async () => {
      const [report] = await yard.sync('debian')
      return report!.outcome === 'failed' ? report!.error.code : report!.outcome
    }
    await expect.poll(outcome, { timeout: 20_000 }).toBe('created')
  })
})

describe('the command line', () => {
  it('asks a server as it asks a directory, with a token out of a file or the environment', async () => {
    const file = join(directory, 'token')
    writeFileSync(file, `${tokens.get('syncer')}\n`)
    const run = (args: string[], environment: NodeJS.ProcessEnv = {}) => startCommand(args, environment).done
    const here = await yard.run('snapshots', '--json')
    const there = await run(['snapshots', '--json', '--server', server.url])
    expect({ ...there, stdout: JSON.parse(there.stdout) }).toEqual({
      ...here,
      stdout: JSON.parse(here.stdout),
    })
    const environment = { SWITCHYARD_SERVER: server.url, SWITCHYARD_TOKEN: tokens.get('syncer')! }
    expect((await run(['sync', 'debian'], environment)).stdout).toMatch(/^debian {2}nothing new since/)
    const sync = ['sync', 'debian', '--server', server.url, '--token']
    expect((await run([...sync, file])).status).toBe(0)
    failsWith(await run(['gc', '--server', server.url, '--token', file]), 1, /has not the right admin/)
    failsWith(await run(['sync', '--server', server.url]), 1, /needs a token/)
    const given = await run([...sync, tokens.get('syncer')!])
    failsWith(given, 2, /the file that --token names cannot be read/)
    expect(given.stderr).not.toContain(tokens.get('syncer')!)
    writeFileSync(file, 'two\nlines')
    failsWith(await run([...sync, file]), 2, /what is given as a token is none/)
    failsWith(await run(['sync', '--server', 'yard.example.org']), 2, /the URL of the server is none/)
    failsWith(await run(['snapshots', '--server', 'http://127.0.0.1:9']), 1, /cannot be asked/)
    failsWith(
      await run(['snapshots', '--server', mirrored.server.url]),
      1,
      /not as a server of switchyard does/,
    )
    failsWith(await run(['snapshots', '--server', server.url, '--yard', directory]), 2, /both/)
  })
})
