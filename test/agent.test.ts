import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createHost, type HostFixture } from '../src/agent/host.fixture.ts'
import { wake } from '../src/agent/inbox.ts'
import { startYardServer, type YardServerFixture } from '../src/agent/yard-server.fixture.ts'
import { timestampOf } from '../src/model/index.ts'
import { momentsOf } from './world/moments.ts'

const built = join(inject('bundle'), 'agent')
const program = join(built, 'switchyard-agent.js')
const nobody = 65_534

let server: YardServerFixture
let host: HostFixture
beforeAll(async () => {
  server = await startYardServer()
  host = createHost()
  await host.enroll(server.enrolmentFile())
})
afterAll(async () => {
  host.remove()
  await server.stop()
})

function moveOn(): string {
  server.yard.now += 5_000
  server.yard.depart(timestampOf(server.yard.now))
  return server.yard.release.release
}

/** The program as it is installed. */
function start(words: string[], { root } = host): ChildProcess {
  return spawn(process.execPath, [program, ...words, '--root', root], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The same as another user, who may not be able to read this checkout. */
function startAs(user: number, words: string[], { root } = host): ChildProcess {
  const script = `
    const [file, user, ...words] = process.argv.slice(1)
    const text = require('node:fs').readFileSync(file, 'utf8')
    process.setgroups([]); process.setgid(Number(user)); process.setuid(Number(user))
    process.argv.splice(1, 2, file)
    new (require('node:module'))(file)._compile(text, file)`
  const all = ['-e', script, program, String(user), ...words, '--root', root]
  return spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ended(child: ChildProcess): Promise<{ status: number | null; out: string; err: string }> {
  const said = { out: '', err: '' }
  child.stdout!.on('data', chunk => {
    said.out += chunk
  })
  child.stderr!.on('data', chunk => {
    said.err += chunk
  })
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, ...said }
}

const follows = async () =>
  JSON.parse((await host.agent('status', '--json')).out).statements?.rollout.release.release

describe('the agent as a program', () => {
  it('enrols, checks and explains itself, out of one file', async () => {
    const other = createHost()
    const file = join(other.root, 'enrolment.json')
    writeFileSync(file, JSON.stringify(server.enrolmentFile()))
    expect(await ended(start(['enroll', file], other))).toMatchObject({ status: 0, err: '' })
    expect(await ended(start(['check'], other))).toMatchObject({ status: 0, err: '' })
    expect(await ended(start(['why'], other))).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^This host may update now: granted\n/),
    })
    expect(await ended(start(['chek'], other))).toMatchObject({
      status: 2,
      err: expect.stringMatching(/the commands are enroll/),
    })
    other.remove()
  })

  it('names an attack in the bundle as it does in its sources', async () => {
    const { signers } = server.yard
    const honest = signers.get('snapshot')!
    signers.set('snapshot', signers.get('timestamp')!)
    moveOn()
    expect(await ended(start(['check']))).toMatchObject({
      status: 3,
      err: expect.stringMatching(/arbitrary-software: somebody without the keys/),
    })
    signers.set('snapshot', honest)
    moveOn()
    expect((await ended(start(['check']))).status).toBe(0)
  })

  it('may be killed at any moment: it knows the old statements or the new ones, whole, and goes on', async () => {
    await host.agent('check')
    const moments = await momentsOf(() => ended(start(['check'])))
    let killed = 0
    for (let round = 0; round < 12; round++) {
      const before = await follows()
      const next = moveOn()
      wake(host.layout)
      const child = start(['check'])
      const end = ended(child)
      await moments.next()
      if (child.kill('SIGKILL')) killed++
      else moments.tooLate()
      await end
      expect([before, next]).toContain(await follows())
      expect(await host.agent('check')).toMatchObject({ status: 0, err: '' })
      expect(await follows()).toBe(next)
      expect(readdirSync(host.layout.inbox)).toEqual([])
    }
    expect(killed).toBeGreaterThan(0)
    const counters = server.reports.map(({ counter }) => counter)
    // One may come twice, and none after a later one.
    expect(counters).toEqual([...counters].sort((a, b) => a - b))
  })

  it('may be started twice at once: one waits for the other, and what comes out is whole', async () => {
    const next = moveOn()
    const all = await Promise.all([1, 2, 3].map(() => ended(start(['check']))))
    expect(all.map(({ status, err }) => ({ status, err }))).toEqual(Array(3).fill({ status: 0, err: '' }))
    expect(await follows()).toBe(next)
  })
})

describe('whose files they are', () => {
  it('another user is told that they are not his, and changes nothing', async () => {
    for (const words of [['check'], ['why'], ['leave']])
      expect(await ended(startAs(nobody, words))).toMatchObject({
        status: 1,
        err: expect.stringMatching(/permission denied for user 65534|cannot lock/),
      })
    expect((await host.agent('why')).status).toBe(0)
  })

  it("root's commands leave them to the user whom the directory belongs to", async () => {
    const other = createHost()
    mkdirSync(other.layout.state, { recursive: true })
    chownSync(other.layout.state, nobody, nobody)
    const file = join(other.root, 'enrolment.json')
    writeFileSync(file, JSON.stringify(server.enrolmentFile()), { mode: 0o600 })
    expect(await ended(start(['enroll', file], other))).toMatchObject({ status: 0 })
    expect(statSync(other.layout.identity).uid).toBe(nobody)
    expect(await ended(startAs(nobody, ['check'], other))).toMatchObject({ status: 0, err: '' })
    other.remove()
  })
})

describe('its units', () => {
  const directory = mkdtempSync(join(tmpdir(), 'agent-units-'))
  const names = readdirSync(join(built, 'units'))
  const analyze = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8' })
    return { status, said: `${stdout}${stderr}` }
  }
  beforeAll(() => {
    for (const name of names) {
      const text = readFileSync(join(built, 'units', name), 'utf8')
      writeFileSync(join(directory, name), text.replace('/usr/bin/switchyard-agent', '/bin/true'))
    }
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it('are as systemd wants them', () => {
    expect(names.sort()).toEqual([
      'switchyard-agent-listen.service',
      'switchyard-agent.path',
      'switchyard-agent.service',
      'switchyard-agent.timer',
    ])
    expect(analyze('verify', '--man=no', ...names.map(name => join(directory, name)))).toEqual({
      status: 0,
      said: '',
    })
  })

  it.each(names.filter(name => name.endsWith('.service')))('%s is penned in', name => {
    const { status, said } = analyze(
      'security',
      '--offline=yes',
      '--threshold=20',
      '--no-pager',
      join(directory, name),
    )
    expect(said).toMatch(new RegExp(`exposure level for ${basename(name)}: 1\\.`))
    expect(status).toBe(0)
  })
})
