import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalJson, type Json, type Name, timestampOf } from '../../../model/index.ts'
import { pathsOf, targetOf } from '../layout.ts'
import type { Trusted } from './advance.ts'
import {
  channel,
  channelRole,
  clockAt,
  createYard,
  type FixtureYard,
  follow,
  judgeTrust,
  named,
  newSigner,
  releaseOf,
  releasesRole,
  rolloutRole,
  rolloutTo,
  signedBy,
  sourceOf,
  train,
} from './repository.fixture.ts'

type Files = Map<string, Buffer>

/** What the yard's people do; each ends with a publication. */
const honest: { [name: string]: (yard: FixtureYard) => void } = {
  depart: yard => yard.depart(timestampOf(yard.now)),
  back: yard => {
    const { floor } = yard.departures
    yard.setDepartures({ ...yard.departures, release: named(releaseOf(floor)), moved: timestampOf(yard.now) })
    yard.setRollout(rolloutTo(yard.departures.release))
    yard.publish(channelRole, rolloutRole)
  },
  sign: yard => yard.publish(),
  rotateTimestamp: yard => {
    yard.rotate('timestamp', [newSigner()])
    yard.publish()
  },
  rotateOnline: yard => {
    const online = [newSigner()]
    for (const role of ['timestamp', 'snapshot']) yard.rotate(role, online)
    yard.publish()
  },
  rotateRoot: yard => {
    yard.rotate('root', [newSigner(), newSigner()], 2)
    yard.publish()
  },
  rotatePeople: yard => {
    yard.delegate(channelRole, pathsOf.channel(train, channel), [newSigner(), newSigner()], { threshold: 2 })
    yard.publish('targets', channelRole)
  },
  halt: yard => {
    yard.halt({ scope: [train] })
    yard.publish()
  },
  haltAnother: yard => {
    yard.halt({ scope: ['db'] })
    yard.publish()
  },
  lift: yard => {
    yard.setDepartures({ ...yard.departures, lifted: yard.halted, moved: timestampOf(yard.now) })
    yard.publish(channelRole)
  },
}

/** What a thief of the online key does; the yard then takes its roles back. */
const thefts: { [name: string]: (yard: FixtureYard) => void } = {
  inject: yard => {
    const evil = releaseOf(timestampOf(yard.now + 500_000))
    yard.state(releasesRole, targetOf.release(train, evil.release), evil)
    yard.setRollout(rolloutTo(named(evil)))
    yard.publish(releasesRole, rolloutRole)
  },
  substitute: yard => {
    const evil = { ...yard.release, repositories: releaseOf(timestampOf(0)).repositories }
    yard.state(releasesRole, targetOf.release(train, yard.release.release), evil)
    yard.publish(releasesRole)
  },
  forge: yard => {
    const evil = { ...yard.departures, floor: timestampOf(0), lifted: 1_000 }
    yard.state(rolloutRole, targetOf.departures(train, channel), evil)
    yard.publish(rolloutRole)
  },
  forget: yard => {
    delete yard.snapshot.meta[`${channelRole}.json`]
    yard.publish()
  },
  pause: yard => {
    yard.setRollout({ ...yard.rollout, state: 'paused' })
    yard.publish(rolloutRole)
  },
}

/** What a place without keys makes of what it was given, now (the last) and before. */
const lies: { [name: string]: (history: Files[], pick: number) => Files } = {
  old: (history, pick) => history[pick % history.length]!,
  mixed: (history, pick) => {
    const [now, old] = [history.at(-1)!, history[pick % history.length]!]
    return new Map(
      [...now].map(([path, bytes], index) => [path, ((pick >> (index % 30)) & 1 && old.get(path)) || bytes]),
    )
  },
  renamed: (history, pick) => {
    const files = [...history.at(-1)!]
    return new Map(files.map(([path], index) => [path, files[(index + pick) % files.length]![1]]))
  },
  bitten: (history, pick) =>
    changed(history, pick, bytes => {
      const copy = Buffer.from(bytes)
      copy[pick % copy.length]! ^= 1 << (pick % 8)
      return copy
    }),
  cut: (history, pick) => changed(history, pick, bytes => bytes.subarray(0, pick % bytes.length)),
  longer: (history, pick) =>
    changed(history, pick, bytes => Buffer.concat([bytes, Buffer.alloc(1 + (pick % 9))])),
  gone: (history, pick) => changed(history, pick, () => undefined),
  strange: history => {
    const files = new Map(history.at(-1)!)
    const { signed } = JSON.parse(files.get('metadata/timestamp.json')!.toString())
    const bytes = Buffer.from(
      JSON.stringify(signedBy([newSigner()], { ...signed, version: signed.version + 1 })),
    )
    return files.set('metadata/timestamp.json', bytes)
  },
}

function changed(history: Files[], pick: number, change: (bytes: Buffer) => Buffer | undefined): Files {
  const files = new Map(history.at(-1)!)
  const path = [...files.keys()].at(-1 - (pick % Math.min(files.size, 12)))!
  const bytes = change(files.get(path)!)
  if (bytes === undefined) files.delete(path)
  else files.set(path, bytes)
  return files
}

const names = (table: object) => fc.constantFrom(...Object.keys(table))
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ publish: names(honest) }) },
  { weight: 2, arbitrary: fc.record({ look: fc.constant(true) }) },
  { weight: 2, arbitrary: fc.record({ lie: names(lies), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ lie: fc.constant('old'), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ steal: names(thefts) }) },
)
const text = (value: unknown) => canonicalJson(value as Json)

it('whatever is published, stolen and shown, a host stands on what was signed, never goes back, and recovers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 20, size: 'max' }), async steps => {
      const yard = createYard()
      const published = [text(yard.departures)]
      const history: Files[] = [new Map(yard.files)]
      let trusted = yard.enrolled()

      const look = async (files: Files) => {
        const { trusted: after, suspicion } = await follow(yard, trusted, { source: sourceOf(files) })
        expectForward(trusted, after, published)
        trusted = after
        return suspicion
      }
      for (const one of steps) {
        yard.now += 60_000
        if ('publish' in one) {
          honest[one.publish]!(yard)
          published.push(text(yard.departures))
        } else if ('steal' in one) {
          const restore = yard.remember()
          thefts[one.steal]!(yard)
          await look(yard.files)
          restore()
          yard.now += 60_000
          yard.publish(releasesRole, channelRole, rolloutRole)
        } else if ('lie' in one) await look(lies[one.lie]!(history, one.pick))
        else expect(await look(yard.files)).toBeUndefined()
        history.push(new Map(yard.files))
      }
      expect(await look(yard.files)).toBeUndefined()
      expect(trusted.standing).toMatchObject({ departures: yard.departures, rollout: yard.rollout })
      expect(judgeTrust(trusted, clockAt(yard.now)).statements).toBe('fresh')
    }),
    { numRuns: 60 },
  )
})

function expectForward(before: Trusted, after: Trusted, published: string[]): void {
  const [from, to] = [before.standing, after.standing]
  expect(rootOf(after)).toBeGreaterThanOrEqual(rootOf(before))
  if (to !== undefined) {
    const index = published.lastIndexOf(text(to.departures))
    expect(index).toBeGreaterThanOrEqual(from === undefined ? 0 : published.indexOf(text(from.departures)))
    expect([to.departures.release, ...to.departures.fallbacks]).toContainEqual(named(to.release))
    expect(to.release.release >= to.departures.floor).toBe(true)
    expect(to).toMatchObject({ train, channel } satisfies { train: Name; channel: Name })
  } else expect(from).toBeUndefined()
  expect(after.halt?.halt.number ?? 0).toBeGreaterThanOrEqual(before.halt?.halt.number ?? 0)
}

const rootOf = ({ metadata }: Trusted): number =>
  JSON.parse(Buffer.from(metadata.get('root')!).toString()).signed.version
