import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Name } from '../src/model/index.ts'
import type { Verdict } from '../src/train/index.ts'
import type { Archive } from './world/apt/archive.ts'
import { publish } from './world/served.ts'
import { mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, failsWith, syncTo, type World } from './world/world.ts'

/** Gates as an operator meets them, with the real command. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

interface Trained {
  archive: Archive
  yard: TestYard
  /** Declares these gates before `staging`, or other channels. */
  declare(gates: unknown[], more?: Settings): void
  /** Publishes a version of `hello`, mirrors it, and cuts a release; its name. */
  cut(version: string): Promise<string>
}

/** A yard that mirrors an archive with `hello` 1.0, and a train of it with the channel `staging`. */
async function trained(gates: unknown[] = [], upstream: Settings = {}): Promise<Trained> {
  const packages = { main: [{ name: 'hello', version: '1.0' }, { name: 'other' }] }
  const { archive, server, yard } = await world.mirrored({ packages }, upstream)
  const debian = mirrorOf(server.url, 'keyring' in upstream ? undefined : world.keyring, upstream, {
    policy: 'immediate',
  })
  const declare = (gates: unknown[], more: Settings = {}) =>
    yard.configure(
      { debian },
      { trains: { web: { repositories: ['debian'], channels: { staging: { gates } }, ...more } } },
    )
  declare(gates)
  return {
    archive,
    yard,
    declare,
    async cut(version) {
      if (version !== '1.0') publish(archive, 'hello', version)
      await syncTo(yard, 'created')
      const { release } = await yard.use(open => open.yard.release('web' as Name))
      return `web@${release.timestamp}`
    },
  }
}

/** Where the channel stands by its ref; undefined: it has never been moved. */
function placeOf(yard: TestYard, channel = 'staging'): string | undefined {
  const file = join(yard.directory, 'refs/trains/web/channels', `${channel}.json`)
  return existsSync(file) ? `web@${JSON.parse(readFileSync(file, 'utf8')).release}` : undefined
}

function evidenceFile(yard: TestYard, release: string, gate: string, channel = 'staging'): string {
  const directory = join(yard.directory, 'refs/trains/web/evidence', release.replace('web@', ''), channel)
  return join(directory, `${gate}.json`)
}

async function judged(yard: TestYard, release: string, ...args: string[]): Promise<Verdict[]> {
  const run = await yard.run('gate', release, '--json', ...args)
  expect(run.stderr).toBe('')
  return JSON.parse(run.stdout).flatMap(({ verdicts }: { verdicts: Verdict[] }) => verdicts)
}

/** One that waits to be reaped does not run. */
function isRunning(pid: string): boolean {
  const file = `/proc/${pid}/status`
  return existsSync(file) && !/^State:\s+[ZX]/m.test(readFileSync(file, 'utf8'))
}

const sh = (script: string) => ({ command: ['sh', '-c', script] })

describe('a promotion', () => {
  it('is refused with the gate, why, and what would pass it; then it passes', async () => {
    const { yard, archive } = await trained()
    const url = (await world.serve(archive)).url
    yard.configure(
      { debian: mirrorOf(url, world.keyring) },
      { trains: { web: { repositories: ['debian'], channels: { staging: {} } } } },
    )
    await syncTo(yard, 'created')
    expect(await yard.run('release', 'web', '--allow-incomplete')).toMatchObject({ status: 0 })
    const refused = await yard.run('promote', 'web/staging')
    failsWith(
      refused,
      3,
      /does not enter web\/staging: 1 of 1 gates/,
      /complete: \d+ of \d+ files are not here/,
    )
    expect(refused.stderr).toMatch(/to pass: switchyard fetch debian@\d+T\d+Z/)
    expect(placeOf(yard)).toBeUndefined()

    const [, fetch] = /to pass: switchyard (fetch \S+)/.exec(refused.stderr)!
    expect(await yard.run(...fetch!.split(' '))).toMatchObject({ status: 0 })
    expect(await yard.run('promote', 'web/staging')).toMatchObject({ status: 0 })
    expect(placeOf(yard)).toBeDefined()
  })

  it('is refused by a gate that the release has never met', async () => {
    const { yard, cut, declare } = await trained()
    const release = await cut('1.0')
    declare([sh('exit 1')])
    failsWith(await yard.run('promote', 'web/staging', release), 3, /command: sh exited with status 1/)
    expect(placeOf(yard)).toBeUndefined()
  })

  it('passes over a gate for a reason, which history and log keep', async () => {
    const { yard, cut } = await trained([sh('echo it is broken; exit 7'), 'no-downgrade'])
    await cut('1.0')
    failsWith(await yard.run('promote', 'web/staging', '--override', 'command'), 2, /for a reason/, /--why/)
    const misspelt = await yard.run('promote', 'web/staging', '--override', 'comand', '--why', 'urgent')
    failsWith(misspelt, 2, /comand is no gate of web\/staging/, /did you mean command\?/)
    expect(placeOf(yard)).toBeUndefined()
    const passed = await yard.run('promote', 'web/staging', '--override', 'command', '--why', 'urgent fix')
    expect(passed).toMatchObject({ status: 0 })
    const record = JSON.parse(
      readFileSync(join(yard.directory, 'refs/trains/web/channels/staging.json'), 'utf8'),
    )
    expect(record.history).toMatchObject([{ overridden: [{ gate: 'command', why: 'urgent fix' }] }])
    const log = await yard.use(async open => (await open.yard.log({ limit: 10 })).toReversed())
    expect(log.filter(({ verb }) => verb === 'override')).toMatchObject([
      {
        subject: 'web/staging: command',
        why: 'urgent fix',
        detail: { gate: 'command', summary: expect.stringContaining('7') },
      },
    ])
  })

  it('by somebody else meanwhile wins: what gates judged by is no more', async () => {
    const { yard, cut, declare } = await trained()
    const first = await cut('1.0')
    await yard.run('promote', 'web/staging')
    const second = await cut('2.0')
    await yard.run('promote', 'web/staging')
    const third = await cut('3.0')
    declare([sh('touch begun; while ! test -e go; do sleep 0.05; done')])
    const promotion = yard.start('promote', 'web/staging', third)
    await expect.poll(() => existsSync(join(yard.directory, 'begun')), { timeout: 20_000 }).toBe(true)
    expect(placeOf(yard)).toBe(second)
    expect(await yard.run('rollback', 'web/staging')).toMatchObject({ status: 0 })
    writeFileSync(join(yard.directory, 'go'), '')
    failsWith(await promotion.done, 1, /web\/staging is at/, /nothing was moved/)
    expect(placeOf(yard)).toBe(first)
  })

  it('that is killed while gates judge has moved nothing, and keeps nobody from the next one', async () => {
    const { yard, cut, declare } = await trained([sh('echo $$ > child; exec sleep 987')])
    await cut('1.0')
    const promotion = yard.start('promote', 'web/staging')
    const file = join(yard.directory, 'child')
    await expect
      .poll(() => existsSync(file) && readFileSync(file, 'utf8'), { timeout: 20_000 })
      .toMatch(/\d+\n/)
    promotion.kill('SIGKILL')
    await promotion.done
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL')
    expect(placeOf(yard)).toBeUndefined()
    declare([sh('exit 0')])
    expect(await yard.run('promote', 'web/staging')).toMatchObject({ status: 0 })
    expect(await yard.run('fsck')).toMatchObject({ status: 0 })
  })

  it('names a gate that there is not: the nearest is offered', async () => {
    const { yard, declare } = await trained()
    declare(['no-downgrades'])
    failsWith(await yard.run('promote', 'web/staging'), 2, /`no-downgrades`/, /did you mean `no-downgrade`\?/)
    declare([{ sok: '7d' }])
    failsWith(await yard.run('promote', 'web/staging'), 2, /`sok`/, /did you mean `soak`\?/)
    declare(['soak'])
    failsWith(await yard.run('promote', 'web/staging'), 2, /`soak: ...` with its options/)
  })
})

describe('evidence', () => {
  it('counts again for as long as the channel stays where it was', async () => {
    const { yard, cut } = await trained(['no-downgrade'])
    const staging = { train: 'web' as Name, channel: 'staging' as Name }
    const first = await cut('1.0')
    const second = await cut('2.0')
    await yard.use(async ({ yard }) => {
      const found = async (release: string, anew = false) => {
        const [all] = await yard.gate(release, { channel: staging.channel, anew })
        return all!.verdicts.map(({ label, from }) => `${label} ${from}`)
      }
      expect(await found(first)).toEqual(['complete now', 'no-downgrade now'])
      expect(await found(first)).toEqual(['complete now', 'no-downgrade kept'])
      expect(await found(first, true)).toEqual(['complete now', 'no-downgrade now'])
      await yard.promote(staging, { release: first })
      expect(await found(second)).toEqual(['complete now', 'no-downgrade now'])
      await yard.promote(staging, { release: second })
      expect(await found(first)).toEqual(['complete now', 'no-downgrade now'])
      await yard.rollback(staging)
      expect(await found(second)).toEqual(['complete now', 'no-downgrade kept'])
    })
  })

  it('is kept with its log, and a program is not run again while its verdict counts', async () => {
    const gate = { command: { run: ['sh', '-c', 'echo run >> runs; echo looked at it'], 'counts-for': '1d' } }
    const { yard, cut } = await trained([gate])
    const release = await cut('1.0')
    expect(await judged(yard, release)).toMatchObject([
      { label: 'complete', from: 'now', evidence: { passed: true } },
      { label: 'command', from: 'now', evidence: { passed: true, release: release.replace('web@', '') } },
    ])
    expect(await yard.run('promote', 'web/staging')).toMatchObject({ status: 0 })
    expect(readFileSync(join(yard.directory, 'runs'), 'utf8')).toBe('run\n')

    expect(await yard.run('gc')).toMatchObject({ status: 0 })
    const shown = await yard.run('gate', release, '--channel', 'staging', '--show', 'command')
    expect(shown).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^command passes[\s\S]*looked at it/),
    })
    const kept = await yard.run('gate', release, '--kept')
    expect(kept).toMatchObject({ status: 0, stdout: expect.stringContaining('passes   command') })
    expect(await yard.run('fsck')).toMatchObject({ status: 0 })
  })

  it('that was tampered with counts for nothing, and is told of', async () => {
    const gate = { command: { run: ['sh', '-c', 'exit 1'], 'counts-for': '1d' } }
    const { yard, cut } = await trained([gate])
    const release = await cut('1.0')
    failsWith(await yard.run('promote', 'web/staging'), 3)
    const file = evidenceFile(yard, release, 'command')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"passed":false', '"passed":true'))
    const kept = await yard.run('gate', release, '--kept')
    expect(kept.stdout).toMatch(/DAMAGED {2}command: .* is not what this yard signed/)
    failsWith(
      await yard.run('gate', release, '--channel', 'staging', '--show', 'command'),
      1,
      /is not what this yard/,
    )
    failsWith(await yard.run('promote', 'web/staging'), 3, /command: sh exited/)
    expect(placeOf(yard)).toBeUndefined()
  })

  it('of any shape is passed over, found by fsck, and judged anew', async () => {
    const { yard, cut } = await trained(['no-downgrade'])
    const release = await cut('1.0')
    const file = evidenceFile(yard, release, 'no-downgrade')
    await yard.use(async ({ yard }) => {
      const found = async () => (await yard.gate(release))[0]!.verdicts[1]!.from
      await found()
      for (const text of ['{"version":1}', '{"version":1,"record":{},"keys":[3],"signature":""}', '{']) {
        expect(await found()).toBe('kept')
        writeFileSync(file, text)
        expect((await yard.fsck()).findings).toMatchObject([
          { name: expect.stringMatching(/evidence.*no-downgrade\.json$/), repaired: false },
        ])
        expect(await found()).toBe('now')
      }
      writeFileSync(file, '{')
      expect((await yard.fsck({ repair: true })).findings).toMatchObject([{ repaired: true }])
      expect((await yard.fsck()).findings).toEqual([])
      expect(existsSync(file)).toBe(false)
    })
  })

  it('of another release, put beside this one, counts for nothing', async () => {
    const gate = { command: { run: ['sh', '-c', 'test ! -e broken'], 'counts-for': '1d' } }
    const { yard, cut } = await trained([gate])
    const first = await cut('1.0')
    await judged(yard, first)
    const second = await cut('2.0')
    writeFileSync(join(yard.directory, 'broken'), '')
    const target = evidenceFile(yard, second, 'command')
    mkdirSync(join(target, '..'), { recursive: true })
    copyFileSync(evidenceFile(yard, first, 'command'), target)
    failsWith(await yard.run('promote', 'web/staging', second), 3, /command: sh exited/)
  })
})

describe('a program as a gate', () => {
  it('is told of the release, and runs in the yard without a shell and without our environment', async () => {
    const { yard, cut, declare } = await trained()
    const first = await cut('1.0')
    await yard.run('promote', 'web/staging')
    const second = await cut('2.0')
    writeFileSync(
      join(yard.directory, 'look'),
      '#!/bin/sh\ncat > told.json; env | sort > told.env; printf "%s\\n" "$@" > told.args\n',
      { mode: 0o755 },
    )
    declare([{ command: ['./look', 'a b', '$HOME', '$HOME'] }])
    expect(await judged(yard, second)).toMatchObject([{}, { evidence: { passed: true } }])
    const read = (name: string) => readFileSync(join(yard.directory, name), 'utf8')
    const told = JSON.parse(read('told.json'))
    expect(told).toMatchObject({
      train: 'web',
      release: second,
      channel: 'staging',
      current: first,
      repositories: { debian: { format: 'apt', snapshot: expect.stringMatching(/^debian@/) } },
      record: { version: 1, policy: {} },
    })
    expect(read('told.args')).toBe('a b\n$HOME\n$HOME\n')
    const environment = Object.fromEntries(
      read('told.env')
        .trim()
        .split('\n')
        .map(line => line.split(/=(.*)/s)),
    )
    expect(environment).toMatchObject({
      SWITCHYARD_RELEASE: second,
      SWITCHYARD_CHANNEL: 'staging',
      SWITCHYARD_CURRENT: first,
      SWITCHYARD_URL_DEBIAN: told.repositories.debian.url,
      SWITCHYARD_CURRENT_URL_DEBIAN: told.repositories.debian.currentUrl,
    })
    expect(Object.keys(environment)).not.toContain('HOME')
  })

  it('gets URLs from which it can really read the release and the current one', async () => {
    const script = `set -e
      version() { curl -sSf "$1/dists/stable/main/binary-amd64/Packages.gz" -o packages.gz; zcat packages.gz | sed -n '/^Package: hello$/,/^Version/s/^Version: //p'; }
      version "$SWITCHYARD_URL_DEBIAN" > versions
      test -z "$SWITCHYARD_CURRENT" || version "$SWITCHYARD_CURRENT_URL_DEBIAN" >> versions`
    const { yard, cut } = await trained([sh(script)])
    await cut('1.0')
    expect(await yard.run('promote', 'web/staging')).toMatchObject({ status: 0 })
    await cut('2.0')
    expect(await yard.run('promote', 'web/staging')).toMatchObject({ status: 0 })
    expect(readFileSync(join(yard.directory, 'versions'), 'utf8')).toBe('2.0\n1.0\n')
  })

  it('that hangs is ended after its time, with all that it started; the other gates still judge', async () => {
    const hang = { command: { run: ['sh', '-c', 'sleep 987 & echo $! > child; wait'], within: '1s' } }
    const { yard, cut } = await trained([hang, sh('exit 0'), 'no-downgrade'])
    const release = await cut('1.0')
    expect(await judged(yard, release)).toMatchObject([
      { label: 'complete', evidence: { passed: true } },
      {
        label: 'command',
        evidence: { passed: false, summary: expect.stringContaining('not done within 1 s') },
      },
      { label: 'command-2', evidence: { passed: true } },
      { label: 'no-downgrade', evidence: { passed: true } },
    ])
    const child = readFileSync(join(yard.directory, 'child'), 'utf8').trim()
    await expect.poll(() => isRunning(child)).toBe(false)
    failsWith(
      await yard.run('promote', 'web/staging', '--override', 'command-2', '--why', 'no'),
      3,
      /1 of 4 gates/,
    )
  })

  it('runs side by side with the others', async () => {
    const meet = (mine: string, other: string) =>
      sh(`touch ${mine}; for i in $(seq 600); do test -e ${other} && exit 0; sleep 0.1; done; exit 1`)
    const { yard, cut } = await trained([meet('a', 'b'), meet('b', 'a')])
    expect((await judged(yard, await cut('1.0'))).every(({ evidence }) => evidence.passed)).toBe(true)
  })

  it('that crashes, or is not there, did not pass', async () => {
    const { yard, cut } = await trained([
      sh('kill -SEGV $$'),
      { command: ['./absent'] },
      { command: ['true'] },
    ])
    const release = await cut('1.0')
    expect(await judged(yard, release)).toMatchObject([
      { evidence: { passed: true } },
      { evidence: { passed: false, summary: 'sh was killed by SIGSEGV' } },
      { evidence: { passed: false, summary: expect.stringContaining('cannot run ./absent') } },
      { evidence: { passed: true } },
    ])
  })

  it('may print what it likes: the ends of it are kept', async () => {
    const { yard, cut } = await trained([
      sh('echo the beginning; head -c 300000000 /dev/zero | tr "\\0" x; echo; echo the end; exit 3'),
    ])
    const release = await cut('1.0')
    const [, verdict] = await judged(yard, release)
    expect(verdict).toMatchObject({
      evidence: { passed: false, findings: expect.arrayContaining(['the end']) },
    })
    expect(verdict!.evidence.log!.size).toBeLessThan(1.1 * 1024 * 1024)
    const { stdout } = await yard.run('gate', release, '--channel', 'staging', '--show', 'command')
    expect(stdout).toContain('the beginning\n')
    expect(stdout.match(/\d+ bytes left out/g)).toEqual([expect.stringMatching(/^\d{9} /)])
    expect(stdout.trimEnd()).toMatch(/the end$/)
  })

  it('ends with the command that waits for it, and leaves no evidence', async () => {
    const { yard, cut } = await trained([sh('echo $$ > child; exec sleep 987')])
    const release = await cut('1.0')
    const running = yard.start('promote', 'web/staging')
    const file = join(yard.directory, 'child')
    await expect
      .poll(() => existsSync(file) && readFileSync(file, 'utf8'), { timeout: 20_000 })
      .toMatch(/\d+\n/)
    running.kill('SIGINT')
    failsWith(await running.done, 1, /was stopped/)
    expect(isRunning(readFileSync(file, 'utf8').trim())).toBe(false)
    expect(readdirSync(join(evidenceFile(yard, release, ''), '..'))).toEqual(['complete.json'])
    expect(placeOf(yard)).toBeUndefined()
  })
})
