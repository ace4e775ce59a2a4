import { describe, expect, it } from 'vitest'
import { type Name, type Timestamp, timestampOf } from '../../../model/index.ts'
import { lifetimes, pathsOf, roleOf, targetOf } from '../layout.ts'
import { advance, type Trusted } from './advance.ts'
import {
  channel,
  channelRole,
  clockAt,
  createYard,
  day,
  type FixtureYard,
  follow,
  judgeTrust,
  named,
  newSigner,
  releaseOf,
  releasesRole,
  rolloutRole,
  rolloutTo,
  sourceOf,
  start,
  train,
} from './repository.fixture.ts'

const followed = async (yard: FixtureYard, trusted = yard.enrolled()): Promise<Trusted> => {
  const { trusted: after, suspicion } = await follow(yard, trusted)
  expect(suspicion).toBeUndefined()
  return after
}

describe('a host that has enrolled', () => {
  it('knows only a root until it has looked', () => {
    expect(judgeTrust(createYard().enrolled(), clockAt(start))).toEqual({ statements: 'none' })
  })

  it('reads the statements of its channel and what made them believable', async () => {
    const yard = createYard()
    const { standing, metadata } = await followed(yard)
    const { departures, rollout, release } = yard
    expect(standing).toMatchObject({ train, channel, departures, rollout, release, root: 1 })
    expect(standing!.timestamp).toBe(start / 1000)
    expect(standing!.signedAfter).toBe(start)
    expect(standing!.expires).toBe(start + lifetimes.online.idle * 1000)
    expect(standing!.cardKeys).toEqual({ keys: [yard.signers.get(rolloutRole)![0]!.key], threshold: 1 })
    expect([...metadata.keys()].sort()).toEqual(
      ['root', 'timestamp', 'snapshot', 'targets', channelRole, releasesRole, rolloutRole].sort(),
    )
  })

  it('asks for one root, one timestamp and the halts where there is no news, and stays as it was', async () => {
    const yard = createYard()
    const trusted = await followed(yard)
    const source = yard.source()
    expect(await follow(yard, trusted, { source })).toEqual({ trusted })
    expect(source.asked).toEqual(['metadata/2.root.json', 'metadata/timestamp.json', 'halt/latest.json'])
  })

  it('fetches only timestamp and snapshot where the yard only signed them again', async () => {
    const yard = createYard()
    const trusted = await followed(yard)
    yard.now += 4 * day
    yard.publish()
    const source = yard.source()
    const { trusted: after } = await follow(yard, trusted, { source })
    expect(after.standing!.expires).toBe(yard.now + lifetimes.online.idle * 1000 - 4 * day)
    expect(source.asked).toEqual([
      'metadata/2.root.json',
      'metadata/timestamp.json',
      `metadata/${yard.snapshot.version}.snapshot.json`,
      'halt/latest.json',
    ])
  })

  it('is fresh until the first part of its statements expires, and fresh again after news', async () => {
    const yard = createYard()
    const trusted = await followed(yard)
    expect(judgeTrust(trusted, clockAt(start + 7 * day - 1))).toEqual({ statements: 'fresh' })
    expect(judgeTrust(trusted, clockAt(start + 7 * day))).toEqual({ statements: 'expired' })
    yard.now += 8 * day
    yard.publish(rolloutRole)
    expect(judgeTrust(await followed(yard, trusted), clockAt(yard.now))).toEqual({ statements: 'fresh' })
  })

  it('follows its channel to a newer release, and back to an older one when a newer statement says so', async () => {
    const yard = createYard()
    const first = yard.release
    let trusted = await followed(yard)
    yard.now += day
    yard.depart(timestampOf(yard.now), { floor: first.release })
    trusted = await followed(yard, trusted)
    expect(trusted.standing!.release.release).toBe(timestampOf(yard.now))

    yard.now += day
    yard.setDepartures({ ...yard.departures, release: named(first) })
    yard.setRollout(rolloutTo(named(first)))
    yard.publish(channelRole, rolloutRole)
    trusted = await followed(yard, trusted)
    expect(trusted.standing!.release).toEqual(first)
  })

  it('goes to a fall-back when the rollout points there', async () => {
    const yard = createYard()
    const first = yard.release
    yard.now += day
    yard.depart(timestampOf(yard.now), { floor: first.release, fallbacks: [named(first)] })
    yard.setRollout(rolloutTo(named(first)))
    yard.publish(rolloutRole)
    expect((await followed(yard)).standing!.release).toEqual(first)
  })

  it('reads the statements of another channel when it is moved there, and forgets the roles of the first', async () => {
    const yard = createYard()
    const staging = 'staging' as Name
    const [channelOf, rolloutOf] = [roleOf.channel(train, staging), roleOf.rollout(train, staging)]
    yard.delegate(channelOf, pathsOf.channel(train, staging))
    yard.delegate(rolloutOf, pathsOf.rollout(train, staging))
    yard.state(channelOf, targetOf.departures(train, staging), { ...yard.departures, channel: staging })
    yard.state(rolloutOf, targetOf.rollout(train, staging), { ...yard.rollout, channel: staging })
    yard.publish('targets', channelOf, rolloutOf)
    const trusted = await followed(yard)
    const there = { train, channel: staging, clock: clockAt(yard.now) }
    const { trusted: moved, suspicion } = await advance(trusted, yard.source(), there)
    expect(suspicion).toBeUndefined()
    expect(moved.standing).toMatchObject({ channel: staging })
    expect(moved.metadata.has(channelOf)).toBe(true)
    expect(moved.metadata.has(channelRole)).toBe(false)
    const nowhere = { train, channel: 'none' as Name, clock: clockAt(yard.now) }
    const lost = await advance(trusted, yard.source(), nowhere)
    expect(lost.suspicion?.message).toContain('channels/web/none.json: no role names it')
    expect(judgeTrust(lost.trusted, clockAt(yard.now))).toEqual({ statements: 'none' })
  })

  it('walks up to 256 new roots, and the others at the next look', async () => {
    const yard = createYard()
    const enrolled = yard.enrolled()
    for (let count = 0; count < 300; count++) yard.publishRoot()
    yard.publish()
    const halfway = await follow(yard, enrolled)
    expect(halfway.trusted.standing!.root).toBe(257)
    expect((await follow(yard, halfway.trusted)).trusted.standing!.root).toBe(301)
  })

  it('believes new keys that the root, or the role above, has named', async () => {
    const yard = createYard()
    let trusted = await followed(yard)
    const people = [newSigner(), newSigner(), newSigner()]
    for (const role of ['root', 'timestamp', 'snapshot', 'targets']) yard.rotate(role, people, 2)
    yard.delegate(channelRole, pathsOf.channel(train, channel), people, { threshold: 3 })
    yard.publish('targets', channelRole)
    trusted = await followed(yard, trusted)
    expect(trusted.standing).toMatchObject({ root: 5, departures: yard.departures })
  })

  it('is not stopped by half a publication, and not by the mirror that shows it', async () => {
    const yard = createYard()
    const trusted = await followed(yard)
    const before = new Map(yard.files)
    yard.now += day
    yard.depart(timestampOf(yard.now))
    const complete = new Map(yard.files)
    // Copied in an unlucky order: the timestamp first, then one more file at a time.
    const half = new Map(before).set('metadata/timestamp.json', complete.get('metadata/timestamp.json')!)
    let current = trusted
    for (const path of [...complete.keys()].filter(path => !before.has(path))) {
      const { trusted: after, suspicion } = await follow(yard, current, { source: sourceOf(half) })
      expect(suspicion?.suspicion).toBe('unavailable')
      expect(after.standing).toEqual(trusted.standing)
      current = after
      half.set(path, complete.get(path)!)
    }
    expect((await followed(yard, current)).standing!.departures).toEqual(yard.departures)
  })

  it('says that its disk is at fault when its own root cannot be read', async () => {
    const yard = createYard()
    const root = Buffer.from('{"signed":')
    await expect(follow(yard, { metadata: new Map([['root', root]]) })).rejects.toThrow(/trusted root/)
    await expect(follow(yard, { metadata: new Map() })).rejects.toThrow(/trusted root/)
    const trusted = await followed(yard)
    const broken = { ...trusted, metadata: new Map([...trusted.metadata, ['root', root]]) }
    await expect(follow(yard, broken)).rejects.toThrow(/trusted root/)
  })

  it('mends what else is damaged on its disk', async () => {
    const yard = createYard()
    const trusted = await followed(yard)
    for (const role of [...trusted.metadata.keys()].filter(role => role !== 'root')) {
      const metadata = new Map([...trusted.metadata, [role, Buffer.from('{"signed":{}')]])
      yard.now += 1000
      yard.publish()
      expect((await followed(yard, { ...trusted, metadata })).standing!.timestamp).toBe(
        yard.timestamp.version,
      )
    }
  })

  it('does not fetch the release again that only the channel names anew', async () => {
    const yard = createYard()
    const trusted = await followed(yard)
    yard.now += day
    yard.setDepartures({ ...yard.departures, moved: timestampOf(yard.now) as Timestamp })
    yard.publish(channelRole)
    const source = yard.source()
    await follow(yard, trusted, { source })
    expect(source.asked.filter(path => path.startsWith('targets/'))).toEqual([
      expect.stringMatching(/^targets\/channels\/web\/[0-9a-f]{64}\.production\.json$/),
    ])
  })
})

describe('two places', () => {
  it.each([[['old', 'new']], [['new', 'old']]])('the newest valid statements win: %j', async order => {
    const yard = createYard()
    const places = { old: new Map(yard.files), new: yard.files }
    yard.now += day
    yard.depart(timestampOf(yard.now))
    let trusted = yard.enrolled()
    for (const name of order) {
      const source = sourceOf(places[name as keyof typeof places])
      trusted = (await follow(yard, trusted, { source })).trusted
    }
    expect(trusted.standing!.departures).toEqual(yard.departures)
  })

  it('that signed different things with the same versions: what came first stays until something newer is signed', async () => {
    const yard = createYard()
    const base = { files: new Map(yard.files), targets: structuredClone(yard.roles) }
    const fork = async (release: Timestamp) => {
      yard.files = new Map(base.files)
      for (const [role, signed] of structuredClone(base.targets)) yard.roles.set(role, signed)
      yard.snapshot.version = yard.timestamp.version = start / 1000
      yard.depart(release)
      return new Map(yard.files)
    }
    yard.now += day
    const [one, other] = [await fork(timestampOf(yard.now)), await fork(timestampOf(yard.now - 1000))]
    const first = (await follow(yard, yard.enrolled(), { source: sourceOf(one) })).trusted
    const second = (await follow(yard, first, { source: sourceOf(other) })).trusted
    expect(second.standing!.departures).toEqual(first.standing!.departures)
    yard.now += 1000
    yard.publish()
    expect((await followed(yard, second)).standing!.departures).toEqual(yard.departures)
  })
})

it('reads a release of a hundred repositories', async () => {
  const yard = createYard()
  const release = releaseOf(timestampOf(start))
  const [one] = Object.values(release.repositories)
  for (let number = 0; number < 100; number++) release.repositories[`r${number}` as Name] = one!
  yard.state(releasesRole, targetOf.release(train, release.release), release)
  yard.setDepartures({ ...yard.departures, release: named(release) })
  yard.setRollout(rolloutTo(named(release)))
  yard.publish(releasesRole, channelRole, rolloutRole)
  expect((await followed(yard)).standing!.release).toEqual(release)
})
