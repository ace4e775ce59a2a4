import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AuditEntry, type AuditFault, digestOfEntry, type Name } from '../src/model/index.ts'
import { misbehave } from './world/archive-server.ts'
import { momentsOf } from './world/moments.ts'
import type { TestYard } from './world/test-yard.ts'
import { add, createWorld, failsWith, packages, syncTo, type World } from './world/world.ts'

/** The audit log as an operator sees it, with the real command. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const entriesOf = async (yard: TestYard): Promise<AuditEntry[]> =>
  (await yard.use(open => open.yard.log({ limit: 10_000 }))).reverse()

/** Changes the database behind the yard's back. */
function tamper(yard: TestYard, change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(yard.directory, 'catalog.sqlite'))
  change(database)
  database.close()
}

const headOf = (yard: TestYard) => join(yard.directory, 'refs/audit-head.json')

/** A yard with seven entries. */
async function logged(): Promise<TestYard> {
  const { yard } = await world.mirrored()
  await syncTo(yard, 'created')
  await yard.use(async open => {
    for (let i = 0; i < 5; i++) await open.yard.collectGarbage({ why: `round ${i}` })
    await open.yard.createToken('ci' as Name, { rights: ['sync'] })
  })
  return yard
}

describe('switchyard log', () => {
  it('tells who changed what, when and why, newest first', async () => {
    const { yard, archive } = await world.mirrored()
    expect(await yard.run('sync', '--why', 'the first')).toMatchObject({ status: 0 })
    expect(await yard.run('sync')).toMatchObject({ status: 0 })
    add(archive, { name: 'two' })
    await yard.run('sync')
    await yard.run('fetch', 'debian')
    await yard.run('gc', '--dry-run')
    await yard.run('gc', '--why', 'disk full')
    await yard.run('fsck')
    await yard.run('fsck', '--repair')
    await yard.run('trust', 'keys', 'rotate', '--why', 'yearly')
    const { record } = (await yard.use(open => open.yard.snapshots()))[0]!
    await yard.run('rm', `debian@${record.timestamp}`, '--why', 'old')
    const made = await yard.run('token', 'create', 'ci', '--may', 'sync', 'upload:ours', '--expires', '90d')
    expect(made.stdout).toMatch(/^swyd_ci_[\w-]{43}\n$/)
    await yard.run('token', 'revoke', 'ci', '--why', 'it leaked')
    const entries = await entriesOf(yard)
    expect(entries.map(({ verb }) => verb)).toEqual([
      'sync',
      'sync',
      'fetch',
      'gc',
      'fsck',
      'rotate',
      'rm',
      'token create',
      'token revoke',
    ])
    expect(entries.map(({ why }) => why)).toEqual([
      'the first',
      undefined,
      undefined,
      'disk full',
      undefined,
      'yearly',
      'old',
      undefined,
      'it leaked',
    ])
    expect(new Set(entries.map(({ who, via }) => `${who} ${via}`)).size).toBe(1)
    const { stdout } = await yard.run('log', '--limit', '2')
    expect(stdout).toMatch(/^9 {2}\S+ {2}\S+ {2}token revoke {2}ci {2}it leaked\n8 .*\n$/)
    const json = await yard.run('log', '--since', '1h', '--json')
    expect(JSON.parse(json.stdout)).toHaveLength(9)
    expect((await yard.run('log', '--since', '20991231T000000Z')).stdout).toBe('')
    failsWith(await yard.run('log', '--since', 'tuesday'), 2, /not a moment/)
    expect((await yard.run('token', 'list')).stdout).toMatch(/ci +sync upload:ours +\S+ +\S+ +revoked /)
    const everything = readFileSync(join(yard.directory, 'refs/tokens/ci.json'), 'utf8') + stdout
    expect(everything).not.toContain(made.stdout.trim())
  })
})

describe('switchyard log --verify', () => {
  let yard: TestYard
  let untouched: [file: string, bytes: Buffer][]
  beforeAll(async () => {
    yard = await logged()
    untouched = ['catalog.sqlite', 'refs/audit-head.json'].map(name => {
      const file = join(yard.directory, name)
      return [file, readFileSync(file)]
    })
  })
  beforeEach(() => {
    for (const end of ['-wal', '-shm']) rmSync(join(yard.directory, `catalog.sqlite${end}`), { force: true })
    for (const [file, bytes] of untouched) writeFileSync(file, bytes)
  })

  it('finds nothing where nobody touched the log, and says how far it is signed', async () => {
    const { status, stdout } = await yard.run('log', '--verify')
    expect(stdout).toMatch(
      /^7 entries in place\nsigned up to entry 7 at \S+\nentry 7 has the digest [0-9a-f]{64}\n$/,
    )
    expect(status).toBe(0)
  })

  it('fails where somebody did, and says at which entry', async () => {
    tamper(yard, db => db.exec('delete from audit where number > 5'))
    failsWith(await yard.run('log', '--verify'), 1, /^entry 6 was cut off with all that came behind it/)
  })

  const cases: [
    what: string,
    change: (db: DatabaseSync) => void,
    number: number,
    kind: AuditFault['kind'],
  ][] = [
    [
      'an entry that was changed',
      db => db.exec(`update audit set who = 'eve' where number = 3`),
      3,
      'changed',
    ],
    ['a reason taken out', db => db.exec('update audit set why = null where number = 4'), 4, 'changed'],
    [
      'a detail that is no JSON',
      db => db.exec(`update audit set detail = '{' where number = 2`),
      2,
      'changed',
    ],
    ['an entry that was taken out', db => db.exec('delete from audit where number = 5'), 5, 'missing'],
    ['the first entry', db => db.exec('delete from audit where number = 1'), 1, 'missing'],
    ['an entry before the first', db => copy(db, 0), 0, 'added'],
    ['an entry far behind the last', db => copy(db, 90), 8, 'missing'],
    ['a forged entry with its digest', db => forge(db, 3), 4, 'added'],
    ['a forged last entry with its digest', db => forge(db, 7), 7, 'replaced'],
    ['entries cut off the end', db => db.exec('delete from audit where number > 5'), 6, 'cut off'],
    ['all of them', db => db.exec('delete from audit'), 1, 'cut off'],
  ]
  it.each(cases)('names %s', async (_, change, number, kind) => {
    tamper(yard, change)
    expect((await yard.use(open => open.yard.verifyLog())).fault).toEqual({ number, kind })
    // What comes later does not paper over it.
    await yard.use(open => open.yard.collectGarbage())
    expect((await yard.use(open => open.yard.verifyLog())).fault).toBeDefined()
  })

  function copy(db: DatabaseSync, number: number): void {
    db.exec(
      `insert into audit select ${number}, at, verb, subject, 'eve', via, why, detail, previous, digest from audit where number = 1`,
    )
  }

  /** As somebody would who knows how the chain is made. */
  function forge(db: DatabaseSync, number: number): void {
    const row = db.prepare('select * from audit where number = ?').get(number) as never as AuditEntry & {
      why: string | null
      detail: string
    }
    const { why, detail, ...rest } = row
    const forged = { ...rest, who: 'eve', detail: JSON.parse(detail), ...(why === null ? {} : { why }) }
    db.prepare('update audit set who = ?, digest = ? where number = ?').run(
      'eve',
      digestOfEntry(forged),
      number,
    )
  }

  it('says how many entries no signature covers yet', async () => {
    const before = readFileSync(headOf(yard))
    await yard.use(open => open.yard.collectGarbage())
    // As a process leaves it that died before its head was written.
    writeFileSync(headOf(yard), before)
    expect(await yard.use(open => open.yard.verifyLog())).toMatchObject({ entryCount: 8, uncoveredCount: 1 })
    expect((await yard.run('log', '--verify')).stdout).toContain('; 1 entry behind it not yet\n')
    await yard.use(open => open.yard.collectGarbage())
    expect(await yard.use(open => open.yard.verifyLog())).toMatchObject({ entryCount: 9, uncoveredCount: 0 })
  })

  it('tells when its signed head was changed or taken away', async () => {
    const text = readFileSync(headOf(yard), 'utf8')
    writeFileSync(headOf(yard), text.replace('"number":7', '"number":3'))
    failsWith(
      await yard.run('log', '--verify'),
      1,
      /no signature covers the log: .*not what this yard signed/,
    )
    rmSync(headOf(yard))
    failsWith(await yard.run('log', '--verify'), 1, /no signature covers the log: there is none/)
    writeFileSync(headOf(yard), text)
    expect(await yard.run('log', '--verify')).toMatchObject({ status: 0 })
    await yard.run('trust', 'keys', 'rotate')
    const [old] = JSON.parse(text).keys
    await yard.run('trust', 'keys', 'retire', old)
    expect(await yard.run('log', '--verify')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('entry 9'),
    })
  })
})

describe('kill -9', () => {
  it('at 12 moments of syncs: every snapshot has its line, and no line is without its snapshot', async () => {
    const { archive, yard } = await world.mirrored({ packages: { main: packages(3) } })
    await syncTo(yard, 'created')
    add(archive, { name: 'one' })
    const moments = await momentsOf(() => yard.run('sync'))
    for (let i = 0; i < 12; i++) {
      add(archive, { name: `r${i}` })
      const command = yard.start('sync')
      await moments.next()
      command.kill('SIGKILL')
      if ((await command.done).signal === null) moments.tooLate()
      const snapshots = await yard.use(open => open.yard.snapshots())
      expect((await entriesOf(yard)).map(({ subject }) => subject)).toEqual(
        snapshots.map(({ record }) => `debian@${record.timestamp}`),
      )
    }
    expect((await yard.use(open => open.yard.verifyLog())).fault).toBeUndefined()
  })

  it('in the middle of what no transaction commits: the next one to open the catalog writes its line', async () => {
    const { yard, server } = await world.mirrored(
      { packages: { main: packages(5, 1_000) } },
      {},
      { policy: 'on-demand' },
    )
    await syncTo(yard, 'created')
    server.onRequest = misbehave.delay(500, path => path.endsWith('.deb'))
    const command = yard.start('fetch', 'debian', '--why', 'for the train')
    await expect.poll(() => existsSync(join(yard.directory, 'refs/intents')), { timeout: 10_000 }).toBe(true)
    await delay(300)
    command.kill('SIGKILL')
    await command.done
    const entries = await entriesOf(yard)
    expect(entries).toHaveLength(2)
    expect(entries[1]).toMatchObject({
      verb: 'fetch',
      why: 'for the train',
      detail: { interrupted: true, begun: expect.any(String) },
    })
    expect(await entriesOf(yard)).toHaveLength(2)
    expect(await yard.run('log', '--verify')).toMatchObject({ status: 0 })
  })

  it('what a dead process left is found, whatever somebody made of it', async () => {
    const { yard } = await world.mirrored()
    await syncTo(yard, 'created')
    mkdirSync(join(yard.directory, 'refs/intents'), { recursive: true })
    const left = ['', 'null', '{"draft":{"verb":1}}', '{"draft":{"verb":"gc"},"begun":"20261121T064500Z"}']
    for (const [i, text] of left.entries())
      writeFileSync(join(yard.directory, `refs/intents/1-${i}.json`), text)
    const entries = (await entriesOf(yard)).slice(1)
    expect(entries.map(({ verb, subject, via }) => [verb, subject, via])).toEqual(
      left.map((_, i) => ['unknown', `intents/1-${i}.json`, 'recovery']),
    )
    expect(await entriesOf(yard)).toHaveLength(5)
  })

  it('what fails leaves its line too', async () => {
    const { yard, server } = await world.mirrored(
      { packages: { main: packages(2) } },
      {},
      { policy: 'on-demand' },
    )
    await syncTo(yard, 'created')
    server.onRequest = misbehave.status(404, path => path.endsWith('.deb'))
    expect((await yard.run('fetch', 'debian')).status).not.toBe(0)
    expect((await entriesOf(yard)).at(-1)).toMatchObject({
      verb: 'fetch',
      detail: { failed: expect.any(String) },
    })
  })
})
