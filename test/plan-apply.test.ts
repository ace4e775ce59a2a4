import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Archive } from './world/apt/archive.ts'
import { momentsOf } from './world/moments.ts'
import { startServer } from './world/running-server.ts'
import { publish, timestampsOf } from './world/served.ts'
import { mirrorOf, type TestYard } from './world/test-yard.ts'
import { createWorld, failsWith, syncTo, type World } from './world/world.ts'

/** switchyard.lock.yaml, plan and apply as a team uses them, with the real command. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const lockOf = (yard: TestYard) => join(yard.directory, 'switchyard.lock.yaml')
const textOf = (yard: TestYard) => readFileSync(lockOf(yard), 'utf8')
const edit = (yard: TestYard, change: (text: string) => string) =>
  writeFileSync(lockOf(yard), change(textOf(yard)))
const channels = (...[staging, production]: (string | undefined)[]) => ({
  'web/staging': staging,
  'web/production': production,
})

/** Where the channels stand. */
function standing(yard: TestYard): Promise<Record<string, string | undefined>> {
  return yard.use(async open => {
    const [web] = await open.yard.trains()
    return Object.fromEntries(web!.channels.map(({ name, record }) => [`web/${name}`, record?.release]))
  })
}

interface Trained {
  archive: Archive
  yard: TestYard
  /** Another yard with the same switchyard.yaml, but for the URL if one is given; nothing is synced. */
  another(url?: string): TestYard
}

/** A yard with a mirror and a composition that travel together through two channels, synced once. */
async function trained(production: object = {}): Promise<Trained> {
  const archive = world.archive({
    name: 'stable',
    packages: { main: [{ name: 'hello', version: '1.0' }, { name: 'other' }] },
  })
  const { url } = await world.serve(archive)
  const web = {
    repositories: ['debian', 'base'],
    channels: { staging: {}, production: { after: 'staging', ...production } },
    complete: 'fetchable',
  }
  const another = (from = url) => {
    const yard = world.yard({}, { more: { server: { listen: '127.0.0.1:0' }, trains: { web } } })
    yard.configure({
      debian: mirrorOf(from, world.keyring),
      base: { compose: { from: ['debian'], include: ['hello'] } },
    })
    return yard
  }
  const yard = another()
  await syncTo(yard, 'created')
  return { archive, yard, another }
}

/** A release of what is newest, in both channels. Answers its timestamp. */
async function departed(yard: TestYard, ...into: string[]): Promise<string> {
  for (const command of [['release', 'web'], ...into.map(channel => ['promote', `web/${channel}`])]) {
    const run = await yard.run(...command)
    expect(run, run.stderr).toMatchObject({ status: 0 })
  }
  const releases = await yard.use(open => open.yard.releases())
  return releases.at(-1)!.record.timestamp
}

async function nextDay({ archive, yard }: Trained, version: string): Promise<void> {
  publish(archive, 'hello', version)
  await syncTo(yard, 'created')
}

describe('the lock file', () => {
  it('is begun by `lock` and written by every move, comments and order kept; nothing is left to plan then', async () => {
    const { archive, yard, another } = await trained()
    const first = await departed(yard, 'staging', 'production')
    expect(await yard.run('plan')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('`switchyard lock` writes'),
    })
    expect(await yard.run('lock')).toMatchObject({ status: 0, stdout: `wrote ${lockOf(yard)}\n` })
    expect(await yard.run('lock')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('says so already'),
    })
    edit(yard, text => text.replace(/^( {2}web\/staging.*)$/m, '  # may break on Mondays\n$1 # ask Ada'))
    await nextDay({ archive, yard, another }, '2.0')
    const second = await departed(yard, 'staging')
    expect(textOf(yard)).toContain(`  # may break on Mondays\n  web/staging: web@${second} # ask Ada\n`)
    expect(textOf(yard)).toContain(`  web/production: web@${first}\n`)
    expect(await yard.run('plan')).toMatchObject({
      status: 0,
      stdout: 'nothing to do: the yard is as the files say\n',
    })
    await yard.run('rollback', 'web/staging')
    expect(textOf(yard)).toContain(`  web/staging: web@${first} # ask Ada\n`)
    expect(textOf(yard)).not.toContain(second)
    expect(await yard.run('plan', '--json')).toMatchObject({ status: 0, stdout: '[]\n' })
  })

  it('is applied as it was edited: forward past the gates, back in the line of promotions', async () => {
    const from = await trained()
    const { yard } = from
    const first = await departed(yard, 'staging', 'production')
    await nextDay(from, '2.0')
    const second = await departed(yard, 'staging')
    await yard.run('lock')
    edit(yard, text => text.replace(`production: web@${first}`, `production: web@${second}`))
    const planned = await yard.run('plan')
    expect(planned).toMatchObject({
      status: 4,
      stdout: expect.stringContaining(`> web/production  web@${first} -> web@${second}`),
    })
    expect(await standing(yard)).toEqual(channels(second, first))
    expect(await yard.run('apply', '--why', 'merged')).toMatchObject({ status: 0 })
    expect(await standing(yard)).toEqual(channels(second, second))
    expect(await yard.run('apply')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('nothing to do'),
    })
    // The first release is described in the lock of the day before, as git has it.
    const described = textOf(yard)
    expect(await yard.run('rollback', 'web/production', '--why', 'it breaks')).toMatchObject({ status: 0 })
    edit(yard, () => described)
    expect(await yard.run('plan')).toMatchObject({
      status: 4,
      stdout: expect.stringMatching(/takes back the rollback .*it breaks/),
    })
    // Nobody mends a file when production burns.
    edit(yard, text => `<<<<<<< ours\n${text}`)
    failsWith(await yard.run('promote', 'web/production'), 2, /broken YAML/)
    failsWith(
      await yard.run('rollback', 'web/staging'),
      4,
      /was moved, but .*switchyard\.lock\.yaml does not say so yet: .* has \d+ mistakes\n/,
    )
    expect(await standing(yard)).toEqual(channels(first, first))
  })

  it('behind a link stays a link, and one that a change proposes is planned without a trace', async () => {
    const from = await trained()
    const { yard } = from
    const first = await departed(yard, 'staging', 'production')
    const checkout = mkdtempSync(join(tmpdir(), 'switchyard-checkout-'))
    world.atEnd(() => rmSync(checkout, { recursive: true }))
    await yard.run('lock')
    for (const name of ['switchyard.yaml', 'switchyard.lock.yaml'])
      cpSync(join(yard.directory, name), join(checkout, name))
    rmSync(lockOf(yard))
    symlinkSync(join(checkout, 'switchyard.lock.yaml'), lockOf(yard))
    await nextDay(from, '2.0')
    const second = await departed(yard, 'staging')
    expect(readFileSync(join(checkout, 'switchyard.lock.yaml'), 'utf8')).toContain(
      `web/staging: web@${second}`,
    )
    const proposed = mkdtempSync(join(tmpdir(), 'switchyard-checkout-'))
    world.atEnd(() => rmSync(proposed, { recursive: true }))
    cpSync(checkout, proposed, { recursive: true })
    const file = join(proposed, 'switchyard.lock.yaml')
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(`production: web@${first}`, `production: web@${second}`),
    )
    expect(await yard.run('plan', '--files', proposed)).toMatchObject({
      status: 4,
      stdout: expect.stringContaining('> web/production'),
    })
    expect(await yard.run('plan')).toMatchObject({ status: 0 })
    expect(await yard.run('apply', '--files', proposed)).toMatchObject({ status: 0 })
    expect(await standing(yard)).toEqual(channels(second, second))
    writeFileSync(join(proposed, 'switchyard.yaml'), '# other gates\n', { flag: 'a' })
    failsWith(await yard.run('apply', '--files', proposed), 3, /is not what the yard has in/)
  })
})

describe('a channel that was moved over the network', () => {
  it('is told by the next plan, until `lock` writes where it stands', async () => {
    const { yard } = await trained()
    const only = await departed(yard, 'staging')
    await yard.run('lock')
    const before = textOf(yard)
    const production = { train: 'web', channel: 'production' } as never
    await yard.use(open => open.as({ who: 'bot', via: 'api' }).promote(production))
    expect(textOf(yard)).toBe(before)
    const planned = await yard.run('plan')
    expect(planned).toMatchObject({
      status: 4,
      stdout: expect.stringContaining(
        `! web/production  is at web@${only}, and the lock file does not say so`,
      ),
    })
    await yard.run('lock')
    expect(textOf(yard)).toContain(`web/production: web@${only}\n`)
    expect(await yard.run('plan')).toMatchObject({ status: 0 })
  })
})

describe('a gate that refuses', () => {
  it('keeps what is locked from being applied, until it is overridden for a reason', async () => {
    const { yard } = await trained({ gates: [{ soak: '7d' }] })
    const only = await departed(yard, 'staging')
    await yard.run('lock')
    edit(yard, text => text.replace('channels:\n', `channels:\n  web/production: web@${only}\n`))
    expect(await yard.run('plan')).toMatchObject({
      status: 4,
      stdout: expect.stringContaining('promotion past soak'),
    })
    const refused = await yard.run('apply')
    expect(refused, refused.stdout).toMatchObject({
      status: 3,
      stdout: expect.stringMatching(
        /^FAILED: > web\/production .* past soak\n {4}web@.*\n {6}soak: it has been in/,
      ),
    })
    expect(await standing(yard)).toEqual(channels(only))
    failsWith(await yard.run('apply', '--override', 'soka', '--why', 'now'), 2, /did you mean soak\?/)
    expect(await yard.run('apply', '--override', 'soak')).toMatchObject({ status: 2 })
    expect(await standing(yard)).toEqual(channels(only))
    expect(await yard.run('apply', '--override', 'soak', '--why', 'now')).toMatchObject({ status: 0 })
    expect(await standing(yard)).toEqual(channels(only, only))
  })
})

describe('two yards with the same two files', () => {
  it('converge to the same content under the same names of releases, as far as they saw the same upstream', async () => {
    const from = await trained()
    const { yard, archive, another } = from
    const other = another()
    await syncTo(other, 'created')
    const first = await departed(yard, 'staging', 'production')
    publish(archive, 'hello', '2.0')
    await Promise.all([syncTo(yard, 'created'), syncTo(other, 'created')])
    const second = await departed(yard, 'staging')
    await yard.run('lock')
    writeFileSync(lockOf(other), textOf(yard))
    const applied = await other.run('apply')
    expect(applied, applied.stdout).toMatchObject({ status: 0 })
    expect(await standing(other)).toEqual(channels(second, first))
    expect(await other.run('plan')).toMatchObject({ status: 0 })
    expect(textOf(other)).toBe(textOf(yard))
    const contents = (yard: TestYard) =>
      yard.use(async open => {
        const snapshots = await open.yard.snapshots()
        const digestsOf = ({ repository, timestamp }: { repository: string; timestamp: string }) => {
          const { record } = snapshots.find(
            ({ record }) => record.repository === repository && record.timestamp === timestamp,
          )!
          return record.kind === 'mirror' ? [record.files, record.packages] : [record.packages]
        }
        return (await open.yard.releases()).map(({ record }) => [
          record.timestamp,
          Object.entries(record.snapshots).map(([name, snapshot]) => [name, digestsOf(snapshot)]),
        ])
      })
    expect(await contents(other)).toEqual(await contents(yard))
    expect((await other.use(open => open.yard.fsck())).findings).toEqual([])
  })

  it('tell exactly which snapshot cannot be had any more, and do the rest; the first yard still has it', async () => {
    const from = await trained()
    const { yard, another } = from
    const first = await departed(yard, 'staging', 'production')
    const [day] = await timestampsOf(yard, 'debian')
    await nextDay(from, '2.0')
    const second = await departed(yard, 'staging')
    await yard.run('lock')
    const late = another()
    await syncTo(late, 'created')
    writeFileSync(lockOf(late), textOf(yard))
    const applied = await late.run('apply')
    expect(applied, applied.stdout).toMatchObject({ status: 4 })
    expect(applied.stdout).toMatch(
      new RegExp(`! web@${first} {2}cannot be made here: .*debian@${day} \\(files [0-9a-f]{12}`),
    )
    expect(await standing(late)).toEqual(channels(second, undefined))
    expect(await late.run('plan')).toMatchObject({ status: 4 })

    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const guided = another(`${server.url}/content/debian/${day}`)
    await syncTo(guided, 'created')
    cpSync(join(late.directory, 'switchyard.yaml'), join(guided.directory, 'switchyard.yaml'))
    await syncTo(guided, 'created')
    writeFileSync(lockOf(guided), textOf(yard))
    const whole = await guided.run('apply')
    expect(whole, whole.stdout).toMatchObject({ status: 0 })
    expect(await standing(guided)).toEqual(channels(second, first))
  })

  it('agree on a bump once both have made it', async () => {
    const { yard, archive, another } = await trained()
    const other = another()
    await syncTo(other, 'created')
    const first = await departed(yard, 'staging', 'production')
    publish(archive, 'hello', '2.0')
    await Promise.all([syncTo(yard, 'created'), syncTo(other, 'created')])
    const bump = ['bump', 'web', 'hello', '--why', 'CVE-2026-1234']
    expect(await yard.run(...bump)).toMatchObject({ status: 0 })
    const bumped = (await yard.use(open => open.yard.releases())).at(-1)!.record.timestamp
    expect(await yard.run('promote', 'web/production', `web@${bumped}`)).toMatchObject({ status: 0 })
    await yard.run('lock')
    expect(textOf(yard)).toContain(`  web@${bumped}:\n    bump-of: web@${first}\n    why: CVE-2026-1234\n`)
    writeFileSync(lockOf(other), textOf(yard))
    const before = await other.run('apply')
    expect(before, before.stdout).toMatchObject({
      status: 4,
      stdout: expect.stringMatching(
        /cannot be made here: .*web\.debian@.*; make the same bump or hold here\n/,
      ),
    })
    expect(await standing(other)).toEqual(channels(first, undefined))
    expect(await other.run(...bump, '--channel', 'staging')).toMatchObject({ status: 0 })
    const after = await other.run('apply')
    expect(after, after.stdout).toMatchObject({ status: 0 })
    expect(await standing(other)).toEqual(channels(first, bumped))
  })
})

describe('a lock file that names what does not exist', () => {
  it('is refused with its line, or told as what cannot be made; nothing is changed', async () => {
    const { yard } = await trained()
    const only = await departed(yard, 'staging', 'production')
    await yard.run('lock')
    const good = textOf(yard)
    const refs = () => readFileSync(join(yard.directory, 'refs/trains/web/channels/production.json'), 'utf8')
    const before = refs()
    const absent = '20261101T000000Z'
    const attempt = async (text: string) => {
      writeFileSync(lockOf(yard), text)
      const run = await yard.run('apply')
      expect(refs()).toBe(before)
      return run
    }
    const dangling = good.replace(`production: web@${only}`, `production: web@${absent}`)
    failsWith(
      await attempt(dangling),
      2,
      /switchyard\.lock\.yaml:\d+:\d+: .*found `web@20261101T000000Z`, which is not under `releases`/,
    )
    failsWith(await yard.run('promote', 'web/production'), 2, /not under `releases`/)
    failsWith(await yard.run('plan'), 2, /not under `releases`/)
    failsWith(
      await attempt(good.replace('web/production', 'web/prodution')),
      2,
      /did you mean `web\/production`\?/,
    )
    const described = dangling.replace(
      'releases:\n',
      `releases:\n  web@${absent}:\n    snapshots: { debian: debian@${absent} }\n`,
    )
    const invented = described.replace(
      '\nsnapshots:\n',
      `\nsnapshots:\n  debian@${absent}: { files: ${'a'.repeat(64)}, packages: ${'b'.repeat(64)} }\n`,
    )
    expect(await attempt(invented)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('cannot be made here'),
    })
    const [, digest] = /^ {4}packages: ([0-9a-f]{64})$/m.exec(good)!
    const forged = good.replaceAll(digest!, 'c'.repeat(64))
    expect(await attempt(forged)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('holds something else here'),
    })
    writeFileSync(lockOf(yard), dangling)
    expect(await yard.run('lock')).toMatchObject({ status: 0 })
    expect(textOf(yard)).toBe(good)
  })
})

describe('kill -9', () => {
  it('in the middle of apply leaves channels whole, and the next apply ends what was begun', async () => {
    const { yard, archive, another } = await trained()
    const seen = another()
    await syncTo(seen, 'created')
    const first = await departed(yard, 'staging', 'production')
    publish(archive, 'hello', '2.0')
    await Promise.all([syncTo(yard, 'created'), syncTo(seen, 'created')])
    const second = await departed(yard, 'staging')
    await yard.run('lock')
    const copy = () => {
      const target = another()
      cpSync(seen.directory, target.directory, { recursive: true })
      cpSync(lockOf(yard), lockOf(target))
      return target
    }
    const undisturbed = copy()
    const moments = await momentsOf(() => undisturbed.run('apply'))
    let killed = 0
    while (killed < 6) {
      const target = copy()
      const command = target.start('apply')
      await moments.next()
      command.kill('SIGKILL')
      if ((await command.done).signal === null) moments.tooLate()
      else killed++
      expect((await target.use(open => open.yard.fsck())).findings).toEqual([])
      const again = await target.run('apply')
      expect(again, again.stdout + again.stderr).toMatchObject({ status: 0 })
      expect(await standing(target)).toEqual(channels(second, first))
      expect(await target.run('plan')).toMatchObject({ status: 0 })
    }
  }, 180_000)
})
