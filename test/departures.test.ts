import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChannelRecord, type Name, parseChannelReference } from '../src/model/index.ts'
import { mountTmpfs } from '../src/store/fs/tmpfs.fixture.ts'
import { makeHalt, requestText, rolesSignedBy, signRequest } from '../src/trust/index.ts'
import { haltsText, type StatementSigner, statementSignerOf } from '../src/trust/pure.ts'
import { stopChannels } from '../src/yard/index.ts'
import { type Departing, departing } from './world/departing.ts'
import { type Follower, followerOf } from './world/follower.ts'
import { hash } from './world/hash.ts'
import { createWorld, failsWith, type World } from './world/world.ts'

/** What hosts are told of releases and channels, and by whom. */
let world: World
let made: Departing
let host: Follower
let releases: string[]
beforeAll(async () => {
  world = createWorld()
  made = await departing(world, {
    releases: 3,
    channels: { guarded: { gates: [{ approvals: 1 }] } },
  })
  releases = made.releases
}, 120_000)
afterAll(() => world.remove())

const run = (...args: string[]) => made.yard.run(...args)
const promote = (channel: string, release: string, floor?: string) =>
  made.yard.use(open =>
    open.yard.promote(parseChannelReference(channel), { release, ...(floor === undefined ? {} : { floor }) }),
  )
const rollback = (channel: string) =>
  made.yard.use(open => open.yard.rollback(parseChannelReference(channel)))
const recordOf = (name: string): Promise<ChannelRecord | undefined> =>
  made.yard.use(async open => {
    const { train, channel } = parseChannelReference(name)
    return (await open.yard.trains(train))[0]!.channels.find(one => one.name === channel)!.record
  })
const timestampOf = (release: string) => release.split('@')[1]!

/** What the host comes to stand on: a server sees within a second what another process has published. */
async function follows(channel: string, expected: object) {
  await expect.poll(() => standing(channel), { timeout: 10_000 }).toMatchObject(expected)
  return standing(channel)
}

/** What the host stands on after a look at the server. */
async function standing(channel: string) {
  const { trusted, suspicion } = await host.follow(channel)
  expect(suspicion).toBeUndefined()
  return trusted.standing!
}

describe('a host', () => {
  it('is told the very bytes from which apt and dnf go on, as soon as a channel moved', async () => {
    expect(await promote('web/production', releases[0]!)).toMatchObject({ outcome: 'moved' })
    host = await followerOf(made.server)
    const { release, rollout, departures } = await standing('web/production')
    expect(departures).toMatchObject({ release: rollout.release, fallbacks: [], lifted: 0 })
    const expected = { debian: 2, lazy: 2, base: 1 }
    for (const [repository, count] of Object.entries(expected)) {
      const { anchors } = release.repositories[repository as Name]!
      expect(Object.keys(anchors), repository).toHaveLength(count)
      for (const [path, digest] of Object.entries(anchors)) {
        const { body } = await made.server.get(`/releases/web/${release.release}/${repository}/${path}`)
        expect(hash('sha256', body), path).toBe(digest)
      }
    }
  })

  it('follows promotions and rollbacks, each as another attempt and never as an attack', async () => {
    const attempts: string[] = []
    const moves = [
      () => promote('web/production', releases[1]!),
      () => rollback('web/production'),
      () => promote('web/production', releases[1]!),
    ]
    for (const [i, move] of moves.entries()) {
      await move()
      const release = timestampOf(releases[i === 1 ? 0 : 1]!)
      const { rollout } = await follows('web/production', {
        rollout: { release: { release }, state: 'idle' },
      })
      attempts.push(rollout.attempt)
    }
    expect(new Set(attempts).size).toBe(3)
  })

  it('goes below no security floor, and neither does its channel', async () => {
    const raised = await run('promote', 'web/production', releases[2]!, '--floor', releases[1]!)
    expect(raised).toMatchObject({ status: 0 })
    await follows('web/production', { departures: { floor: timestampOf(releases[1]!) } })
    await rollback('web/production')
    await expect(rollback('web/production')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/the security floor of web\/production/),
    })
    await expect(promote('web/production', releases[2]!, releases[0]!)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/a floor only rises/),
    })
    const [, second] = releases.map(timestampOf)
    await follows('web/production', { departures: { release: { release: second }, floor: second } })
  })

  it('stands still by a halt, until the channel lifts it', async () => {
    expect(await run('stop', 'web/production', '--why', 'it burns')).toMatchObject({ status: 0 })
    const halted = async () => (await host.follow('web/production')).trusted.halt?.halt.number ?? 0
    await expect.poll(halted).toBeGreaterThan((await standing('web/production')).departures.lifted)
    const number = await halted()
    const { hands } = await made.yard.use(open => open.yard.status())
    expect(hands).toMatchObject([{ what: expect.stringMatching(/holds web\/production: it burns/) }])
    expect(await run('rollout', 'resume', 'web/production', '--why', 'out')).toMatchObject({ status: 0 })
    await follows('web/production', { departures: { lifted: number } })
    const again = made.yard.use(open => open.yard.resume(parseChannelReference('web/production')))
    expect(await again).toMatchObject({ outcome: 'unchanged' })
  })

  it('and its channel stay where they are when it cannot be told', async () => {
    const before = await standing('web/production')
    const metadata = join(made.yard.directory, 'refs/departures/metadata')
    execFileSync('mount', ['--bind', metadata, metadata])
    execFileSync('mount', ['-o', 'remount,bind,ro', metadata])
    try {
      const code = 'unavailable'
      await expect(promote('web/production', releases[2]!)).rejects.toMatchObject({ code })
    } finally {
      execFileSync('umount', [metadata])
    }
    expect((await recordOf('web/production'))!.release).toBe(before.departures.release.release)
    expect(await standing('web/production')).toEqual(before)
    expect((await made.yard.use(open => open.yard.status())).hands).toEqual([])
  })

  it('is told nothing that the channel does not do soon: what a disk keeps from it is done with the next command', async () => {
    const before = (await recordOf('web/production'))!
    const channels = join(made.yard.directory, 'refs/trains/web/channels')
    // Nothing can be renamed into a file system of its own.
    const tmpfs = mountTmpfs('size=1m')
    cpSync(channels, tmpfs.directory, { recursive: true })
    execFileSync('mount', ['--bind', tmpfs.directory, channels])
    try {
      const half = await run('promote', 'web/production', releases[2]!)
      failsWith(half, 4, /hosts of web\/production are told to go to .* could not be moved/)
      expect((await recordOf('web/production'))!.release).toBe(before.release)
    } finally {
      execFileSync('umount', [channels])
      tmpfs.remove()
    }
    await made.yard.use(open => open.yard.log())
    const after = (await recordOf('web/production'))!
    expect(after.release).toBe(timestampOf(releases[2]!))
    expect(after.history.slice(0, -1)).toEqual(before.history)
    await follows('web/production', { departures: { release: { release: after.release } } })
    expect((await made.yard.use(open => open.yard.fsck())).findings).toEqual([])
  })
})

describe('a yard from before there were statements', () => {
  it('tells hosts of its channels with the next refresh, and not before', async () => {
    const { directory } = made.yard
    rmSync(join(directory, 'refs/departures'), { recursive: true })
    rmSync(join(directory, 'refs/trains/web/moves'), { recursive: true })
    const { hands } = await made.yard.use(open => open.yard.status())
    expect(hands).toMatchObject([{ what: expect.stringMatching(/web\/production is at .* told nothing/) }])
    expect(await run('trust', 'refresh')).toMatchObject({ status: 0 })
    expect(await run('status')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/profile solo(.|\n)*nothing needs hands/),
    })
    host = await followerOf(made.server)
    const { release } = (await recordOf('web/production'))!
    await follows('web/production', { departures: { release: { release } } })
  })
})

describe('a channel whose people sign', () => {
  const people = new Map<string, StatementSigner>()
  const lock = () => join(made.yard.directory, 'switchyard.lock.yaml')
  let locked: string
  beforeAll(async () => {
    await made.yard.use(open => open.yard.lock())
    locked = readFileSync(lock(), 'utf8')
    for (const owner of ['ada', 'ben', 'eve'])
      people.set(owner, statementSignerOf(generateKeyPairSync('ed25519').privateKey))
    const keys = [...people].map(([owner, { key }]) => ({ ...key, owner }))
    await made.yard.use(open => open.statementKeys.harden({ keys, threshold: 2 }, {}))
    await signBy('ada', 'ben')
    // As the ceremony says: the key that held everything leaves the yard.
    rmSync(join(made.yard.directory, 'keys/statements/solo.pem'))
  })

  /** Each signs on a machine of their own, and all of it is brought back at once. */
  const signBy = (...names: string[]) =>
    made.yard.use(async open => {
      let request = (await open.yard.requestSignatures())!
      for (const name of names) {
        const signer = people.get(name)!
        request = signRequest(request, new Set(rolesSignedBy(request, signer.key.keyid)), signer)
      }
      return open.yard.submit(requestText(request))
    })

  it('stays until enough of them have; then it moves with its statement, on behalf of who decided it', async () => {
    const before = await standing('web/production')
    const back = await run('rollback', 'web/production', '--why', 'calm')
    expect(back).toMatchObject({
      status: 4,
      stdout: expect.stringMatching(
        /web\/production {2}stays: .* waits for signatures(.|\n)*0 of 2 have signed; ada, ben, eve may/,
      ),
    })
    const stays = await recordOf('web/production')
    expect((await signBy('ada')).moved).toEqual([])
    expect(await recordOf('web/production')).toEqual(stays)
    expect((await standing('web/production')).departures).toEqual(before.departures)
    expect(await run('status')).toMatchObject({
      status: 4,
      stdout: expect.stringMatching(/profile hardened(.|\n)*1 of 2, ben, eve may/),
    })
    // Decided again, nobody has signed in vain.
    const again = await made.yard.use(open =>
      open.yard.rollback(parseChannelReference('web/production'), { why: 'calm' }),
    )
    expect(again).toMatchObject({
      outcome: 'staged',
      staged: { waits: [{ signers: [{ signed: true }, { signed: false }, { signed: false }] }] },
    })
    const removal = made.yard.use(open => open.yard.remove(releases[1]!))
    await expect(removal).rejects.toMatchObject({ message: expect.stringMatching(/waits for signatures/) })
    const { moved } = await signBy('eve')
    expect(moved).toMatchObject([{ channel: 'production', release: timestampOf(releases[1]!) }])
    const after = (await recordOf('web/production'))!
    expect(after.history.at(-1)).toMatchObject({ kind: 'rollback', why: 'calm' })
    const told = await follows('web/production', { departures: { release: { release: after.release } } })
    expect(told.timestamp).toBeGreaterThan(before.timestamp)
    expect((await made.yard.use(open => open.yard.fsck())).findings).toEqual([])
  })

  it('that is locked elsewhere is applied by asking them; what they decide is what is locked then', async () => {
    // The lock file has followed to where they went back to; somebody has the one of before merged again.
    expect(readFileSync(lock(), 'utf8')).toContain(`web/production: ${releases[1]}`)
    writeFileSync(lock(), locked)
    const { steps } = await made.yard.use(open => open.yard.apply())
    expect(steps).toMatchObject([{ outcome: 'staged', step: { to: timestampOf(releases[2]!) } }])
    expect((await recordOf('web/production'))!.release).toBe(timestampOf(releases[1]!))
    await promote('web/production', releases[0]!)
    const { moved } = await signBy('ada', 'eve')
    expect(moved).toMatchObject([{ release: timestampOf(releases[0]!) }])
    expect(readFileSync(lock(), 'utf8')).toContain(`web/production: ${releases[0]}`)
  })

  it('asks a gate for approvals, which are their signatures', async () => {
    await made.yard.use(async open => {
      const reference = parseChannelReference('web/guarded')
      const { outcome } = await open.yard.promote(reference, { release: releases[2]! })
      expect(outcome).toBe('staged')
      const approvals = async () => {
        const [judged] = await open.yard.gate(releases[2]!, { channel: 'guarded' as Name })
        return judged!.verdicts.find(({ label }) => label === 'approvals')!.evidence
      }
      expect(await approvals()).toMatchObject({ passed: false })
      await signBy('ben')
      expect(await approvals()).toMatchObject({ passed: true, findings: ['ben has signed'] })
      expect((await signBy('ada')).moved).toMatchObject([{ channel: 'guarded' }])
    })
    const release = timestampOf(releases[2]!)
    await expect
      .poll(async () => (await host.follow('web/guarded')).trusted.standing)
      .toMatchObject({
        departures: { release: { release } },
      })
  })

  it('is not lifted out of a halt but by them', async () => {
    const [ada] = [people.get('ada')!]
    const order = { scope: ['web'], who: 'ada', why: 'again' }
    const { halt, envelope } = makeHalt(order, Math.floor(Date.now() / 1000), ada, Date.now())
    await made.yard.use(open => open.yard.submit(haltsText([envelope])))
    const lifting = await run('rollout', 'resume', 'web/production')
    expect(lifting).toMatchObject({ status: 4, stdout: expect.stringMatching(/until people have signed/) })
    expect((await standing('web/production')).departures.lifted).toBeLessThan(halt.number)
    await signBy('ada', 'eve')
    await follows('web/production', { departures: { lifted: halt.number } })
    expect((await standing('web/guarded')).departures.lifted).toBeLessThan(halt.number)
  })

  it('is not lifted out of one that would lift all halts to come', async () => {
    const [ada] = [people.get('ada')!]
    const order = { scope: ['web'], who: 'ada', why: 'for good' }
    const { envelope } = makeHalt(order, 2 ** 52, ada, Date.now())
    await made.yard.use(open => open.yard.submit(haltsText([envelope])))
    const resume = made.yard.use(open => open.yard.resume(parseChannelReference('web/production')))
    await expect(resume).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/ahead of time: .*nothing was lifted/),
    })
    const later = { scope: ['web'], who: 'ada', why: 'it burns' }
    const halt = await stopChannels(made.yard.directory, later, ada, Date.now())
    expect(halt.number).toBeLessThan(Date.now() / 1000 + 3600)
  })
})
