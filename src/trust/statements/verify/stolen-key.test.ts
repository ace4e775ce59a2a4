import { describe, expect, it } from 'vitest'
import { canonicalJson, digestOf, type Json, type Name, timestampOf } from '../../../model/index.ts'
import { pathsOf, targetOf } from '../layout.ts'
import {
  type Attack,
  endure,
  expectRecovered,
  first,
  replaced,
  statementFile,
  timestamp,
} from './attack.fixture.ts'
import { caps } from './metadata-guard.ts'
import {
  channel,
  channelRole,
  createYard,
  day,
  follow,
  iso,
  named,
  newSigner,
  releaseOf,
  releasesRole,
  rolloutRole,
  rolloutTo,
  train,
} from './repository.fixture.ts'

/** Moves what the online key may sign, as its thief would. */
const byThiefOfOnlineKey: Attack[] = [
  {
    attack: 'a release of the thief, in his rollout',
    show: yard => {
      const evil = { ...releaseOf(timestampOf(yard.now)), release: timestampOf(yard.now + 1000) }
      yard.state(releasesRole, targetOf.release(train, evil.release), evil)
      yard.setRollout(rolloutTo(named(evil)))
      yard.publish(releasesRole, rolloutRole)
      return undefined
    },
    suspicion: 'wrong-software',
    message: /rollouts\/web\/production\.json: it names the release .*, which the channel does not/,
  },
  {
    attack: "another content under the name of the channel's release",
    show: yard => {
      const evil = { ...yard.release, repositories: releaseOf(timestampOf(0)).repositories }
      yard.state(releasesRole, targetOf.release(train, evil.release), evil)
      yard.publish(releasesRole)
      return undefined
    },
    suspicion: 'wrong-software',
    message: /its signed digest is .*, but the channel names/,
  },
  {
    attack: "the right digest under another release's name",
    show: yard => {
      const other = timestampOf(yard.now + 5000)
      yard.setRollout(rolloutTo({ ...named(yard.release), release: other }))
      yard.publish(rolloutRole)
      return undefined
    },
    suspicion: 'wrong-software',
  },
  {
    attack: "another channel's statement in the place of this one's",
    show: yard => {
      yard.state(rolloutRole, targetOf.rollout(train, channel), { ...yard.rollout, channel: 'dev' as Name })
      yard.publish(rolloutRole)
      return undefined
    },
    suspicion: 'wrong-software',
    message: /it speaks of web\/dev, not of web\/production/,
  },
  {
    attack: "an older statement of the channel's people",
    show: (yard, before) => {
      const bytes = before.get(`metadata/${first / 1000}.${channelRole}.json`)!
      yard.snapshot.meta[`${channelRole}.json`] = {
        version: first / 1000,
        length: bytes.length,
        hashes: { sha256: digestOf(bytes) },
      }
      yard.publish()
      return undefined
    },
    suspicion: 'rollback',
    message: /New version .* of channel_web_production\.json is less than/,
  },
  {
    attack: 'a snapshot that knows the channel no more',
    show: yard => {
      delete yard.snapshot.meta[`${channelRole}.json`]
      yard.publish()
      return undefined
    },
    suspicion: 'rollback',
    message: /Missing file/,
  },
  {
    attack: 'a timestamp that names an older snapshot',
    show: yard => {
      yard.timestamp.version++
      yard.timestamp.meta['snapshot.json']!.version = 1
      return replaced(yard, timestamp, yard.sign('timestamp', yard.timestamp))
    },
    suspicion: 'rollback',
  },
  {
    attack: "a channel's statement of his own",
    show: yard => {
      const forger = yard.signers.get(rolloutRole)!
      yard.signers.set(channelRole, forger)
      yard.publish(channelRole)
      return undefined
    },
    suspicion: 'arbitrary-software',
  },
  {
    attack: "the channel's statement in roles that it is not delegated to",
    show: yard => {
      const evil = { ...yard.departures, floor: timestampOf(0) }
      for (const role of [releasesRole, rolloutRole])
        yard.state(role, targetOf.departures(train, channel), evil)
      delete yard.roles.get(channelRole)!.targets[targetOf.departures(train, channel)]
      yard.publish(releasesRole, rolloutRole, channelRole)
      return undefined
    },
    suspicion: 'unavailable',
    message: /channels\/web\/production\.json: no role names it/,
  },
  {
    attack: 'delegations that go round in a circle',
    show: yard => {
      const signers = yard.signers.get(rolloutRole)!
      const paths = pathsOf.rollout(train, channel)
      const rollout = yard.roles.get(rolloutRole)!
      yard.delegate('a', paths, signers, { delegator: rolloutRole, terminating: false })
      yard.delegate('b', paths, signers, { delegator: 'a', terminating: false })
      yard.delegate(rolloutRole, paths, signers, { delegator: 'b', terminating: false })
      rollout.targets = {}
      yard.publish(rolloutRole, 'a', 'b')
      return undefined
    },
    suspicion: 'unavailable',
    message: /no role names it/,
  },
  {
    attack: 'delegations without end',
    show: yard => {
      const signers = yard.signers.get(rolloutRole)!
      const paths = pathsOf.rollout(train, channel)
      const names = [rolloutRole, ...Array.from({ length: 50 }, (_, number) => `deep-${number}`)]
      for (const [index, name] of names.slice(1).entries())
        yard.delegate(name, paths, signers, { delegator: names[index]! })
      yard.roles.get(rolloutRole)!.targets = {}
      yard.state(names.at(-1)!, targetOf.rollout(train, channel), yard.rollout)
      yard.publish(...names)
      return undefined
    },
    suspicion: 'unavailable',
    message: /no role names it/,
  },
  {
    attack: 'a role with a million targets',
    show: yard => {
      yard.publish(releasesRole)
      const target = '{"length":0,"hashes":{}}'
      const targets = Array.from({ length: 1_000_000 }, (_, number) => `"${number}":${target}`).join()
      const bytes = Buffer.from(`{"signed":{"_type":"targets","targets":{${targets}}},"signatures":[]}`)
      const { version } = yard.roles.get(releasesRole)!
      yard.put(`metadata/${version}.${releasesRole}.json`, bytes)
      yard.snapshot.meta[`${releasesRole}.json`] = { version, length: bytes.length }
      yard.publish()
      return undefined
    },
    suspicion: 'endless-data',
    message: new RegExp(`more than the ${caps.targets} bytes`),
  },
  {
    attack: 'a role with as many targets as fit',
    show: yard => {
      yard.roles.get(releasesRole)!.targets = Object.fromEntries(
        Array.from({ length: 50_000 }, (_, number) => [String(number), { length: 0, hashes: {} }]),
      )
      yard.publish(releasesRole)
      return undefined
    },
    suspicion: 'endless-data',
    message: /50000 targets, of 2048/,
  },
  {
    attack: 'a statement of ten megabytes',
    show: yard => {
      const path = targetOf.rollout(train, channel)
      yard.roles.get(rolloutRole)!.targets[path] = { length: 10_000_000, hashes: { sha256: '0'.repeat(64) } }
      yard.publish(rolloutRole)
      return undefined
    },
    suspicion: 'endless-data',
  },
  {
    attack: 'a statement with a digest that proves nothing',
    show: yard => {
      const path = targetOf.rollout(train, channel)
      yard.roles.get(rolloutRole)!.targets[path] = { length: 10, hashes: { md5: '0'.repeat(32) } }
      yard.publish(rolloutRole)
      return undefined
    },
    suspicion: 'damaged',
  },
  {
    attack: 'a digest that leads to another folder',
    show: yard => {
      const path = targetOf.rollout(train, channel)
      yard.roles.get(rolloutRole)!.targets[path] = {
        length: 10,
        hashes: { sha256: '../../../../etc/passwd' },
      }
      yard.publish(rolloutRole)
      return undefined
    },
    suspicion: 'damaged',
  },
  {
    attack: 'a delegation to a name that means something else',
    show: yard => {
      const role = yard.roles.get(rolloutRole)!
      role.delegations = {
        keys: {},
        roles: [{ name: '__proto__', keyids: [], threshold: 1, paths: ['*'], terminating: true }],
      }
      yard.publish(rolloutRole)
      return undefined
    },
    suspicion: 'damaged',
    message: /it delegates to "__proto__"/,
  },
  {
    attack: 'the highest version that there is',
    show: yard => {
      yard.timestamp.version = Number.MAX_SAFE_INTEGER
      const files = replaced(yard, timestamp, yard.sign('timestamp', yard.timestamp))
      files.delete(statementFile(yard, 'channels'))
      yard.timestamp.version = 0
      return files
    },
    suspicion: 'unavailable',
    // The key was stolen: it is replaced, and what it signed counts no more.
    recover: yard => yard.rotate('timestamp', [newSigner()]),
  },
  {
    attack: "a version of the channel's role that nobody signed, so that none that follows is higher",
    show: yard => {
      yard.snapshot.meta[`${channelRole}.json`]!.version = Number.MAX_SAFE_INTEGER
      yard.publish()
      return undefined
    },
    suspicion: 'unavailable',
    recover: yard => {
      const online = [newSigner()]
      for (const role of ['timestamp', 'snapshot']) yard.rotate(role, online)
    },
  },
  {
    attack: 'a timestamp of next year',
    show: yard => {
      const { version, expires } = yard.timestamp
      yard.timestamp.version = Math.floor(yard.now / 1000) + 365 * 86_400
      yard.timestamp.expires = iso(yard.now + 372 * day)
      const files = replaced(yard, timestamp, yard.sign('timestamp', yard.timestamp))
      Object.assign(yard.timestamp, { version, expires })
      return files
    },
    suspicion: 'fast-forward',
  },
]

const byThiefOfPeoplesKeys: Attack[] = [
  {
    attack: 'one signature where two are needed',
    show: yard => {
      const people = [newSigner(), newSigner()]
      yard.delegate(channelRole, pathsOf.channel(train, channel), people, { threshold: 2 })
      yard.signers.set(channelRole, people.slice(0, 1))
      yard.publish('targets', channelRole)
      return undefined
    },
    suspicion: 'key-compromise',
    message: /channel_web_production was signed by 1\/2 keys/,
  },
  {
    attack: 'one key under two names, where two are needed',
    show: yard => {
      const { keys, roles } = yard.roles.get('targets')!.delegations!
      const { key } = yard.signers.get(channelRole)![0]!
      keys.twin = keys[key.keyid]
      Object.assign(roles.find(({ name }) => name === channelRole)!, {
        keyids: [key.keyid, 'twin'],
        threshold: 2,
      })
      yard.publish('targets')
      return undefined
    },
    suspicion: 'key-compromise',
    message: /it lists one key under two names/,
  },
  {
    attack: 'one key named twice, where two are needed',
    show: yard => {
      const targets = yard.roles.get('targets')!
      const role = targets.delegations!.roles.find(({ name }) => name === channelRole)!
      Object.assign(role, { keyids: [...role.keyids, ...role.keyids], threshold: 2 })
      yard.publish('targets')
      return undefined
    },
    suspicion: 'damaged',
  },
  {
    attack: 'no key at all, where none is needed',
    show: yard => {
      const targets = yard.roles.get('targets')!
      Object.assign(targets.delegations!.roles.find(({ name }) => name === channelRole)!, {
        keyids: [],
        threshold: 0,
      })
      yard.publish('targets')
      return undefined
    },
    suspicion: 'damaged',
  },
  {
    attack: 'a release that calls itself another',
    show: yard => {
      const other = { release: timestampOf(yard.now + 5000), digest: named(yard.release).digest }
      yard.state(releasesRole, targetOf.release(train, other.release), yard.release)
      yard.setDepartures({ ...yard.departures, release: other })
      yard.setRollout(rolloutTo(other))
      yard.publish(releasesRole, channelRole, rolloutRole)
      return undefined
    },
    suspicion: 'wrong-software',
    message: /it states the release web@/,
  },
  {
    attack: 'a rollout below the floor, to a fall-back',
    show: yard => {
      const old = releaseOf(timestampOf(first - day))
      yard.setDepartures({ ...yard.departures, fallbacks: [named(old)] })
      yard.state(releasesRole, targetOf.release(train, old.release), old)
      yard.setRollout(rolloutTo(named(old)))
      yard.publish(releasesRole, channelRole, rolloutRole)
      return undefined
    },
    suspicion: 'rollback',
    message: /below the floor/,
  },
  {
    attack: 'a statement that this program does not know',
    show: yard => {
      const path = targetOf.departures(train, channel)
      yard.state(channelRole, path, { ...yard.departures, version: 2 })
      yard.publish(channelRole)
      return undefined
    },
    suspicion: 'damaged',
    message: /its version is 2, and this program knows 1/,
  },
  {
    attack: 'a role that has expired',
    show: yard => {
      const role = yard.roles.get(channelRole)!
      role.version++
      role.expires = iso(yard.now - day)
      yard.putRole(channelRole)
      yard.publish()
      return undefined
    },
    suspicion: 'freeze',
    message: /channel_web_production\.json is expired/,
  },
]

describe('is refused, changes nothing, and is over when the yard publishes again', () => {
  it.each(byThiefOfOnlineKey)('a stolen online key shows $attack: $suspicion', endure)
  it.each(byThiefOfPeoplesKeys)("people's keys signed $attack: $suspicion", endure)
})

it('a host that saw versions run ahead follows again once the stolen key is replaced', async () => {
  const yard = createYard()
  yard.timestamp.version = yard.snapshot.version = Number.MAX_SAFE_INTEGER - 1
  yard.putOnline()
  const { trusted } = await follow(yard, yard.enrolled())
  expect(trusted.standing!.timestamp).toBe(Number.MAX_SAFE_INTEGER - 1)
  yard.timestamp.version = yard.snapshot.version = 0
  yard.now += 1000
  yard.publish()
  const shutOut = await follow(yard, trusted)
  expect(shutOut.suspicion?.suspicion).toBe('rollback')
  const online = [newSigner()]
  yard.rotate('timestamp', online)
  yard.rotate('snapshot', online)
  yard.publish()
  await expectRecovered(yard, shutOut.trusted)
})

it('what a thief of the online key delegates to does not fill the disk', async () => {
  const yard = createYard()
  let { trusted } = await follow(yard, yard.enrolled())
  const names = [...trusted.metadata.keys()]
  const signers = yard.signers.get(rolloutRole)!
  yard.roles.get(rolloutRole)!.targets = {}
  for (let round = 0; round < 5; round++) {
    const name = `more-${round}`
    yard.roles.get(rolloutRole)!.delegations = { keys: {}, roles: [] }
    yard.delegate(name, ['rollouts/*/*'], signers, { delegator: rolloutRole })
    yard.now += 1000
    yard.publish(rolloutRole, name)
    trusted = (await follow(yard, trusted)).trusted
  }
  expect([...trusted.metadata.keys()]).toEqual(names)
})

it('canonical JSON of a statement is what its digest is over', () => {
  const { release } = createYard()
  expect(named(release).digest).toBe(digestOf(Buffer.from(canonicalJson(release as unknown as Json))))
})
