import { describe, expect, it } from 'vitest'
import { lifetimes } from '../layout.ts'
import {
  type Attack,
  cut,
  endure,
  expectRecovered,
  fileOf,
  first,
  replaced,
  statementFile,
  timestamp,
  without,
} from './attack.fixture.ts'
import {
  channelRole,
  createYard,
  day,
  follow,
  newSigner,
  releasesRole,
  rolloutRole,
  signedBy,
} from './repository.fixture.ts'
import { Suspicion } from './suspicion.ts'

/** Served as if it were still the yard, by somebody who holds none, some or all of the keys. */
const attacks: Attack[] = [
  {
    attack: 'a timestamp that a stranger signed',
    show: yard => replaced(yard, timestamp, JSON.stringify(signedBy([newSigner()], yard.timestamp))),
    suspicion: 'arbitrary-software',
    message: /metadata\/timestamp\.json: timestamp was signed by 0\/1 keys .*what was trusted before stays/,
  },
  {
    attack: "a timestamp that a stranger signed in the key's name",
    show: yard => {
      const { key } = yard.signers.get('timestamp')![0]!
      const { signed, signatures } = signedBy([newSigner()], yard.timestamp)
      const renamed = signatures.map(({ sig }) => ({ keyid: key.keyid, sig }))
      return replaced(yard, timestamp, JSON.stringify({ signed, signatures: renamed }))
    },
    suspicion: 'arbitrary-software',
  },
  {
    attack: 'a timestamp with one number changed',
    show: yard =>
      replaced(
        yard,
        timestamp,
        yard.files
          .get(timestamp)!
          .toString()
          .replace(/"version":\d+/, '"version":1999999999'),
      ),
    suspicion: 'arbitrary-software',
  },
  {
    attack: 'a root that strangers signed',
    show: yard => {
      const eve = newSigner()
      const root = structuredClone({ ...yard.root, version: 2 })
      root.keys[eve.key.keyid] = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: eve.key.public } }
      root.roles.root!.keyids = [eve.key.keyid]
      return replaced(yard, 'metadata/2.root.json', JSON.stringify(signedBy([eve], root)))
    },
    suspicion: 'arbitrary-software',
  },
  {
    attack: 'a root that the old keys signed, but not its own',
    show: yard => {
      const [old] = yard.signers.get('root')!
      yard.allow('root', [newSigner()])
      return replaced(
        yard,
        'metadata/2.root.json',
        JSON.stringify(signedBy([old!], { ...yard.root, version: 2 })),
      )
    },
    suspicion: 'arbitrary-software',
  },
  {
    attack: 'the old root as the next one',
    show: yard => replaced(yard, 'metadata/2.root.json', yard.files.get('metadata/1.root.json')!),
    suspicion: 'rollback',
  },
  {
    attack: 'a root that skips versions',
    show: yard => replaced(yard, 'metadata/2.root.json', yard.sign('root', { ...yard.root, version: 9 })),
    suspicion: 'fast-forward',
  },
  {
    attack: 'all of yesterday again',
    show: (yard, before) => {
      yard.now += 1000
      yard.publish()
      return before
    },
    suspicion: 'rollback',
  },
  {
    attack: 'an old snapshot under the new name',
    show: (yard, before) =>
      replaced(yard, fileOf(yard, 'snapshot'), before.get(`metadata/${first / 1000}.snapshot.json`)!),
    suspicion: 'mix-and-match',
  },
  {
    attack: 'another snapshot of the same length under the new name',
    show: yard => {
      const path = fileOf(yard, 'snapshot')
      return replaced(
        yard,
        path,
        yard.files
          .get(path)!
          .toString()
          .replace(/"sig":"./, '"sig":"_'),
      )
    },
    suspicion: 'mix-and-match',
  },
  {
    attack: 'an old role under the new name',
    show: (yard, before) =>
      replaced(yard, fileOf(yard, channelRole), before.get(`metadata/${first / 1000}.${channelRole}.json`)!),
    suspicion: 'mix-and-match',
  },
  {
    attack: "one role's metadata under another role's name",
    show: yard =>
      replaced(
        yard,
        fileOf(yard, channelRole),
        yard.files
          .get(fileOf(yard, releasesRole))!
          .subarray(0, yard.files.get(fileOf(yard, channelRole))!.length),
      ),
    suspicion: 'damaged',
  },
  {
    attack: 'a snapshot as timestamp, signed by a key that both roles have',
    show: yard =>
      replaced(yard, timestamp, JSON.stringify(signedBy(yard.signers.get('timestamp')!, yard.snapshot))),
    suspicion: 'mix-and-match',
    message: /it says that it is "snapshot", not timestamp/,
  },
  {
    attack: 'a statement with another content of the same length',
    show: yard => {
      const path = statementFile(yard, 'rollouts')
      return replaced(yard, path, yard.files.get(path)!.toString().replace('"idle"', '"IDLE"'))
    },
    suspicion: 'arbitrary-software',
  },
  {
    attack: 'statements that are not there',
    show: yard => without(yard, statementFile(yard, 'channels')),
    suspicion: 'unavailable',
    message: /it is not there/,
  },
  { attack: 'nothing at all', show: () => new Map(), suspicion: 'unavailable' },
  { attack: 'no timestamp', show: yard => without(yard, timestamp), suspicion: 'unavailable' },
  { attack: 'no snapshot', show: yard => without(yard, fileOf(yard, 'snapshot')), suspicion: 'unavailable' },
  { attack: 'no role', show: yard => without(yard, fileOf(yard, rolloutRole)), suspicion: 'unavailable' },
  {
    attack: 'a place that fails',
    show: () => ({ fetch: () => Promise.reject(new Error('connection reset')) }),
    suspicion: 'unavailable',
    message: /metadata\/2\.root\.json: connection reset/,
  },
  {
    attack: 'a place that sends one byte a minute, as the source noticed',
    show: yard => ({
      fetch: (path, maximumBytes) =>
        path.includes('snapshot')
          ? Promise.reject(new Suspicion('slow-retrieval', path, '3 bytes in 180 s'))
          : yard.source().fetch(path, maximumBytes),
    }),
    suspicion: 'slow-retrieval',
  },
  { attack: 'a timestamp that is cut off', show: yard => cut(yard, timestamp), suspicion: 'damaged' },
  {
    attack: 'a snapshot that is cut off',
    show: yard => cut(yard, fileOf(yard, 'snapshot')),
    suspicion: 'damaged',
    message: /it ends after \d+ of \d+ bytes/,
  },
  {
    attack: 'a role that is cut off',
    show: yard => cut(yard, fileOf(yard, releasesRole)),
    suspicion: 'damaged',
    message: /it ends after \d+ of \d+ bytes/,
  },
  {
    attack: 'a statement that is cut off',
    show: yard => cut(yard, statementFile(yard, 'releases')),
    suspicion: 'damaged',
    message: /it ends after \d+ of \d+ bytes/,
  },
  ...['2.root.json', 'timestamp.json'].map(
    (name): Attack => ({
      attack: `a ${name} that never ends`,
      show: yard => replaced(yard, `metadata/${name}`, Buffer.alloc(600_000, 0x20)),
      suspicion: 'endless-data',
    }),
  ),
  {
    attack: 'a snapshot that goes on after its end',
    show: yard => {
      const path = fileOf(yard, 'snapshot')
      return replaced(yard, path, Buffer.concat([yard.files.get(path)!, Buffer.alloc(1)]))
    },
    suspicion: 'endless-data',
  },
  {
    attack: 'a statement that goes on after its end',
    show: yard => {
      const path = statementFile(yard, 'channels')
      return replaced(yard, path, Buffer.concat([yard.files.get(path)!, Buffer.alloc(1)]))
    },
    suspicion: 'endless-data',
  },
  ...['', 'null', '[]', '{}', '{"signed":{},"signatures":[]}', '{"signed":[],"signatures":{}}', '\u0000'].map(
    (text): Attack => ({
      attack: `${JSON.stringify(text)} for a timestamp`,
      show: yard => replaced(yard, timestamp, text),
      suspicion: text.includes('"signed":{}') ? 'mix-and-match' : 'damaged',
    }),
  ),
  ...[0, -1, 1.5, 2 ** 53, '1', null].map(
    (version): Attack => ({
      attack: `version ${JSON.stringify(version)}`,
      show: yard =>
        replaced(yard, timestamp, JSON.stringify({ signed: { ...yard.timestamp, version }, signatures: [] })),
      suspicion: 'damaged',
    }),
  ),
  ...['never', '2026', '2026-11-21', '2026-13-01T00:00:00Z', '2026-11-21T00:00:00+00:00', 1].map(
    (expires): Attack => ({
      attack: `expiry ${JSON.stringify(expires)}`,
      show: yard =>
        replaced(yard, timestamp, JSON.stringify({ signed: { ...yard.timestamp, expires }, signatures: [] })),
      suspicion: 'damaged',
    }),
  ),
  {
    attack: 'a version of the specification that is unknown',
    show: yard =>
      replaced(yard, timestamp, yard.sign('timestamp', { ...yard.timestamp, spec_version: '2.0.0' })),
    suspicion: 'damaged',
  },
  {
    attack: 'the same signature twice',
    show: yard => {
      const { signed, signatures } = JSON.parse(yard.files.get(timestamp)!.toString())
      return replaced(yard, timestamp, JSON.stringify({ signed, signatures: [...signatures, ...signatures] }))
    },
    suspicion: 'damaged',
  },
  {
    attack: 'a thousand signatures',
    show: yard => {
      const { signed } = JSON.parse(yard.files.get(timestamp)!.toString())
      const signatures = Array.from({ length: 65 }, (_, number) => ({ keyid: String(number), sig: '00' }))
      return replaced(yard, timestamp, JSON.stringify({ signed, signatures }))
    },
    suspicion: 'endless-data',
  },
]

describe('a place without keys is refused, changes nothing, and is forgotten when an honest one is back: it shows', () => {
  it.each(attacks)('$attack: $suspicion', endure)
})

describe('a freeze', () => {
  it('is an alarm for who stands, and for who comes new', async () => {
    const yard = createYard()
    const { trusted } = await follow(yard, yard.enrolled())
    yard.now += lifetimes.online.idle * 1000
    expect((await follow(yard, trusted)).suspicion).toBeUndefined()
    const late = await follow(yard, yard.enrolled())
    expect(late.suspicion?.suspicion).toBe('freeze')
    expect(late.suspicion?.code).toBe('stale')
    expect(late.trusted.standing).toBeUndefined()
    yard.publish(rolloutRole)
    await expectRecovered(yard, late.trusted)
  })

  it('of an expired root ends with the next root', async () => {
    const yard = createYard()
    const { trusted } = await follow(yard, yard.enrolled())
    yard.now += 366 * day
    yard.publish('targets', releasesRole, channelRole, rolloutRole)
    const frozen = await follow(yard, trusted)
    expect(frozen.suspicion?.message).toMatch(/^metadata\/1\.root\.json: it expired/)
    yard.publishRoot()
    await expectRecovered(yard, frozen.trusted)
  })
})
