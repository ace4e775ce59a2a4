import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalJson, digestOf, type Json } from '../../../model/index.ts'
import type { StatementSigner } from '../statement-key.ts'
import { iso, newSigner, start } from './repository.fixture.ts'
import { createRepository } from './tuf-repository.fixture.ts'

const day = 24 * 3_600_000
const all = ['root', 'targets', 'snapshot', 'timestamp']

/** The cases of github.com/theupdateframework/tuf-conformance but those of delegations and rotations, told again. */
describe('a refresh', () => {
  it('asks for the next root, timestamp, snapshot and targets, and keeps their very bytes', async () => {
    const repository = createRepository()
    const client = repository.client()
    expect(await client.refresh()).toBe('done')
    expect(client.asked()).toEqual(['2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json'])
    expect(client.versions()).toEqual({ root: 1, timestamp: 1, snapshot: 1, targets: 1 })
    repository.publish('timestamp')
    const bytes = Buffer.concat([repository.files.get('metadata/timestamp.json')!, Buffer.from('\n  ')])
    repository.files.set('metadata/timestamp.json', bytes)
    expect(await client.refresh()).toBe('done')
    expect(client.kept.get('timestamp')).toEqual(bytes)
  })

  it('comes before a look-up, also of what is nowhere', async () => {
    const client = createRepository().client()
    expect(await client.read('nonexistent')).toEqual(['nowhere'])
    expect(client.asked()).toEqual(['2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json'])
  })

  it.each([
    ['without a version', (metadata: { signed: { version?: number } }) => delete metadata.signed.version],
    [
      'that is not signed',
      (metadata: { signatures: { sig: string }[] }) =>
        Object.assign(metadata.signatures[0]!, { sig: 'ab'.repeat(64) }),
    ],
  ])('from a first root %s asks for nothing', async (_, change) => {
    const repository = createRepository()
    repository.tamper('1.root.json', change as never)
    const client = repository.client()
    expect(await client.refresh()).not.toBe('done')
    expect(client.asked()).toEqual([])
  })

  it.each([
    ['root', { root: 1 }],
    ['timestamp', { root: 2 }],
    ['snapshot', { root: 2, timestamp: 2 }],
    ['targets', { root: 2, timestamp: 2, snapshot: 2 }],
  ])('ends at a %s that is not signed', async (role, versions) => {
    const repository = createRepository()
    const client = repository.client()
    repository.signers.set(role, [])
    repository.publish(...all)
    expect(await client.refresh()).toBe('arbitrary-software')
    expect(client.versions()).toEqual(versions)
  })

  it.each([
    ['root', 'fast-forward', { root: 1 }],
    ['snapshot', 'mix-and-match', { root: 2, timestamp: 2 }],
    ['targets', 'mix-and-match', { root: 2, timestamp: 2, snapshot: 2 }],
  ] as const)('ends at a %s whose version is not the one in its name', async (role, suspicion, versions) => {
    const repository = createRepository()
    const client = repository.client()
    for (const name of all) {
      if (name !== role) {
        repository.publish(name)
        continue
      }
      repository[role].version = 3
      repository.put(role, '2.')
      const facts = {
        snapshot: repository.timestamp.meta['snapshot.json'],
        targets: repository.snapshot.meta['targets.json'],
      }
      if (role !== 'root') facts[role]!.version = 2
    }
    expect(await client.refresh()).toBe(suspicion)
    expect(client.versions()).toEqual(versions)
  })

  it('keeps its timestamp when another one has the same version', async () => {
    const repository = createRepository()
    const client = repository.client()
    await client.refresh()
    repository.timestamp.meta['snapshot.json'] = { version: 100 }
    repository.put('timestamp', '')
    const before = client.kept.get('timestamp')
    expect(await client.refresh()).toBe('done')
    expect(client.kept.get('timestamp')).toEqual(before)
    expect(client.asked()).not.toContain('100.snapshot.json')
  })

  it('checks hashes and lengths of metadata where they are told', async () => {
    const repository = createRepository()
    repository.withHashes = true
    repository.publish('targets', 'snapshot', 'timestamp')
    const client = repository.client()
    expect(await client.refresh()).toBe('done')
    repository.publish('targets')
    repository.snapshot.meta['targets.json']!.hashes = { sha256: '0'.repeat(64) }
    repository.publish('snapshot', 'timestamp')
    expect(await client.refresh()).toBe('mix-and-match')
    expect(client.versions()).toMatchObject({ targets: 2, snapshot: 3 })
    repository.publish('targets', 'snapshot')
    repository.timestamp.meta['snapshot.json']!.hashes = { sha256: '0'.repeat(64) }
    repository.publish('timestamp')
    expect(await client.refresh()).toBe('mix-and-match')
    expect(client.versions()).toMatchObject({ timestamp: 4, snapshot: 3 })
  })

  it('takes fields that it does not know into account, and no notice of them', async () => {
    const repository = createRepository()
    const client = repository.client()
    await client.refresh()
    repository.root['custom-field'] = 'value'
    Object.assign(repository.root.roles.root!, { 'another-field': 'value' })
    const [keyid] = repository.root.roles.snapshot!.keyids
    Object.assign(repository.root.keys[keyid!] as object, {
      'extra-field': { a: 1, b: 2 },
      keyid_hash_algorithms: 'md5',
    })
    repository.publish(...all)
    expect(await client.refresh()).toBe('done')
    expect(client.versions()).toMatchObject({ root: 2, snapshot: 2 })
  })

  it.each([
    ['2.snapshot.json', { root: 1, timestamp: 2, snapshot: 1, targets: 1 }],
    ['2.targets.json', { root: 1, timestamp: 2, snapshot: 2, targets: 1 }],
    ['timestamp.json', { root: 1, timestamp: 1, snapshot: 1, targets: 1 }],
  ])('ends where %s is not there', async (file, versions) => {
    const repository = createRepository()
    const client = repository.client()
    await client.refresh()
    repository.publish('targets', 'snapshot', 'timestamp')
    repository.files.delete(`metadata/${file}`)
    expect(await client.refresh()).toBe('unavailable')
    expect(client.asked().at(-1)).toBe(file)
    expect(client.versions()).toEqual(versions)
  })

  it('refuses a snapshot for a timestamp, though the same key signed it', async () => {
    const repository = createRepository()
    const client = repository.client()
    repository.allow('snapshot', repository.signers.get('timestamp')!)
    repository.snapshot.meta = { 'snapshot.json': { version: 1 } }
    repository.publish('root', 'snapshot')
    repository.files.set('metadata/timestamp.json', repository.files.get('metadata/2.snapshot.json')!)
    expect(await client.refresh()).toBe('mix-and-match')
    expect(client.versions()).toEqual({ root: 2 })
  })
})

describe('what has expired', () => {
  it('as a root is kept, and followed by nothing else', async () => {
    const repository = createRepository()
    const client = repository.client()
    await client.refresh()
    repository.publish('root')
    expect(await client.refresh()).toBe('done')
    repository.root.expires = iso(start - day)
    repository.publish(...all)
    expect(await client.refresh()).toBe('freeze')
    expect(client.versions()).toEqual({ root: 3, timestamp: 1, snapshot: 1, targets: 1 })
  })

  it.each([
    ['timestamp', { timestamp: 1, snapshot: 1, targets: 1 }],
    ['snapshot', { timestamp: 2, snapshot: 1, targets: 1 }],
    ['targets', { timestamp: 2, snapshot: 2, targets: 1 }],
  ] as const)('as a %s is not kept', async (role, versions) => {
    const repository = createRepository()
    const client = repository.client()
    await client.refresh()
    repository[role].expires = iso(start - 5 * day)
    repository.publish('targets', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe('freeze')
    expect(client.versions()).toEqual({ root: 1, ...versions })
  })

  it('here does not hinder what is fresh there', async () => {
    const repository = createRepository()
    const client = repository.client()
    repository.root.expires = repository.timestamp.expires = iso(start + 7 * day)
    repository.publish('root', 'timestamp')
    expect(await client.refresh()).toBe('done')
    expect(await client.refresh(start + 8 * day)).toBe('freeze')
    repository.root.expires = repository.timestamp.expires = iso(start + 21 * day)
    repository.publish(...all)
    expect(await client.refresh(start + 18 * day)).toBe('done')
    expect(client.versions()).toEqual({ root: 3, timestamp: 3, snapshot: 2, targets: 2 })
  })
})

describe('a rollback', () => {
  it('of the timestamp is refused', async () => {
    const repository = createRepository()
    const client = repository.client()
    const old = repository.files.get('metadata/timestamp.json')!
    repository.publish('timestamp')
    await client.refresh()
    repository.files.set('metadata/timestamp.json', old)
    expect(await client.refresh()).toBe('rollback')
    expect(client.versions()).toMatchObject({ timestamp: 2 })
  })

  it.each([[false], [true]])(
    'of the snapshot, or of targets in it, is refused (with hashes: %s)',
    async withHashes => {
      const repository = createRepository()
      const client = repository.client()
      repository.withHashes = withHashes
      repository.publish('targets', 'snapshot', 'timestamp')
      await client.refresh()
      repository.snapshot.version = 0
      repository.publish('snapshot', 'timestamp')
      expect(await client.refresh()).toBe('rollback')
      expect(client.versions()).toMatchObject({ timestamp: 2, snapshot: 2 })
      expect(client.asked().at(-1)).toBe('timestamp.json')

      repository.targets.version = 0
      repository.snapshot.version = 2
      repository.publish('targets', 'snapshot', 'timestamp')
      expect(await client.refresh()).toBe('rollback')
      expect(client.versions()).toMatchObject({ snapshot: 2, targets: 2 })
    },
  )

  it('by a role that the snapshot names no more is refused', async () => {
    const repository = createRepository()
    const client = repository.client()
    repository.delegate('delegated', ['delegatedpath/*'])
    repository.publish('delegated', 'targets', 'snapshot', 'timestamp')
    await client.refresh()
    delete repository.snapshot.meta['delegated.json']
    repository.publish('snapshot', 'timestamp')
    expect(await client.refresh()).toBe('rollback')
    expect(client.versions()).toMatchObject({ snapshot: 2 })
  })

  it.each([
    ['timestamp', ['timestamp']],
    ['snapshot', ['snapshot', 'timestamp']],
    ['targets', ['snapshot']],
  ] as const)('of a %s that ran ahead is possible with new keys of %j', async (role, rotated) => {
    const repository = createRepository()
    const client = repository.client()
    repository.delegate('delegated', ['delegatedpath/*'])
    repository.publish('delegated')
    repository[role].version = 99
    for (const name of all.slice(1)) repository.publish(name)
    expect(await client.refresh()).toBe('done')
    expect(client.versions()).toMatchObject({ [role]: 100 })
    for (const name of rotated) repository.rotate(name)
    repository[role].version = 0
    if (role === 'targets') delete repository.snapshot.meta['delegated.json']
    for (const name of all) repository.publish(name)
    expect(await client.refresh()).toBe('done')
    expect(client.versions()).toMatchObject({ [role]: 1 })
  })
})

describe('new keys', () => {
  it.each([
    ['timestamp', 'timestamp.json'],
    ['snapshot', '2.snapshot.json'],
  ])('of the %s make what the old ones signed be forgotten at once', async (role, file) => {
    const repository = createRepository()
    const client = repository.client()
    await client.refresh()
    repository.rotate(role)
    for (const name of all) repository.publish(name)
    repository.files.delete(`metadata/${file}`)
    expect(await client.refresh()).toBe('unavailable')
    expect(client.versions()).not.toHaveProperty(role)
  })
})

it('a snapshot that was signed twice with one version is the one that the timestamp says', async () => {
  const repository = createRepository()
  repository.withHashes = true
  repository.publish('snapshot', 'timestamp')
  const client = repository.client()
  await client.refresh()
  repository.snapshot.expires = iso(start + 2 * day)
  repository.put('snapshot', '2.')
  repository.publish('timestamp')
  expect(await client.refresh()).toBe('done')
  expect(client.kept.get('snapshot')).toEqual(repository.files.get('metadata/2.snapshot.json'))
})

describe('keys and thresholds', () => {
  it('a root that lists one key under two names is refused', async () => {
    const repository = createRepository()
    const client = repository.client()
    const [keyid] = repository.root.roles.timestamp!.keyids
    repository.root.keys.twin = repository.root.keys[keyid!]
    repository.root.roles.timestamp = { keyids: [keyid!, 'twin'], threshold: 2 }
    repository.publish('root', 'timestamp')
    expect(await client.refresh()).toBe('key-compromise')
    expect(client.versions()).toEqual({ root: 1 })
  })

  it('a snapshot with too few signatures is refused', async () => {
    const repository = createRepository()
    const signers = [newSigner(), newSigner(), newSigner()]
    repository.allow('snapshot', signers, 3)
    const client = repository.client()
    repository.publish(...all)
    expect(await client.refresh()).toBe('done')
    repository.signers.set('snapshot', signers.slice(1))
    repository.publish('targets', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe('key-compromise')
    expect(client.versions()).toMatchObject({ snapshot: 2 })
  })

  it('a threshold that its keys cannot reach is never reached', async () => {
    const repository = createRepository()
    const client = repository.client()
    repository.allow('snapshot', Array.from({ length: 5 }, newSigner), 6)
    repository.publish('root', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe('key-compromise')
    expect(client.versions()).toEqual({ root: 2, timestamp: 2 })
  })

  it('one key many times is one key, and a signature twice is none', async () => {
    const repository = createRepository()
    const client = repository.client()
    const one = newSigner()
    repository.allow(
      'snapshot',
      Array.from({ length: 9 }, () => one),
      6,
      [one],
    )
    repository.publish('root', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe('damaged')
    expect(client.versions()).toEqual({ root: 1 })

    const other = createRepository()
    other.tamper('1.snapshot.json', ({ signatures }) => signatures.push(signatures[0]!))
    const guest = other.client()
    expect(await guest.refresh()).toBe('damaged')
    expect(guest.versions()).toEqual({ root: 1, timestamp: 1 })
  })

  it('one wrong signature does no harm where enough are right', async () => {
    const repository = createRepository()
    const [old] = repository.signers.get('timestamp')!
    repository.allow('timestamp', [old!, newSigner()])
    const client = repository.client()
    repository.publish('root')
    for (const sig of ['ab'.repeat(64), '']) {
      repository.publish('timestamp')
      repository.tamper('timestamp.json', ({ signatures }) => Object.assign(signatures[0]!, { sig }))
      expect(await client.refresh()).toBe('done')
    }
    expect(client.versions()).toMatchObject({ timestamp: 3 })
  })

  it.each([
    [
      'rsa',
      'rsassa-pss-sha256',
      () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
      { padding: 6, saltLength: 32 },
    ],
    ['ecdsa', 'ecdsa-sha2-nistp256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), {}],
    ['ed25519', 'ed25519', () => generateKeyPairSync('ed25519'), {}],
  ])('a root may be signed by a key of type %s too', async (keytype, scheme, generate, options) => {
    const { publicKey, privateKey } = generate()
    const text = publicKey.export({ format: 'pem', type: 'spki' }).toString()
    const fields = { keytype, scheme, keyval: { public: text } }
    const keyid = digestOf(Buffer.from(canonicalJson(fields as Json)))
    const algorithm = keytype === 'ed25519' ? null : 'sha256'
    const signer = {
      key: { keyid },
      sign: bytes => sign(algorithm, bytes, { key: privateKey, ...options }),
    } as StatementSigner
    const repository = createRepository()
    const client = repository.client()
    repository.root.keys[keyid] = fields
    repository.root.roles.root = { keyids: [...repository.root.roles.root!.keyids, keyid], threshold: 2 }
    repository.signers.get('root')!.push(signer)
    repository.publish('root')
    expect(await client.refresh()).toBe('done')
    repository.publish('root')
    repository.tamper('3.root.json', ({ signatures }) => {
      const own = signatures.find(one => one.keyid === keyid)!
      own.sig = own.sig.replace(/.$/, last => (last === '0' ? '1' : '0'))
    })
    expect(await client.refresh()).toBe('key-compromise')
    expect(client.versions()).toMatchObject({ root: 2 })
  })
})

describe('a file', () => {
  it.each([['target_file.txt'], ['path/to/a/target_file.txt']])('named %s is what was signed', async path => {
    const repository = createRepository()
    repository.add('targets', path, 'target file contents')
    repository.publish('targets', 'snapshot', 'timestamp')
    expect(await repository.client().read(path)).toEqual(['target file contents'])
  })

  it('that the place replaced is refused, and the next honest one is read', async () => {
    const repository = createRepository()
    const client = repository.client()
    for (let round = 0; round < 11; round++) {
      repository.add('targets', 'a.txt', `contents ${round}`)
      repository.publish('targets', 'snapshot', 'timestamp')
      const path = `targets/${digestOf(Buffer.from(`contents ${round}`))}.a.txt`
      repository.files.set(path, Buffer.from(`CONTENTS ${round}`))
      expect(await client.read('a.txt')).toEqual(['arbitrary-software'])
      repository.files.set(path, Buffer.from('malicious data of another length'))
      expect(await client.read('a.txt')).toEqual(['endless-data'])
      repository.add('targets', 'a.txt', `contents ${round}`)
      expect(await client.read('a.txt')).toEqual([`contents ${round}`])
    }
  })

  it('may have other hashes too, but a SHA-256 it must have', async () => {
    const repository = createRepository()
    repository.add('targets', 'a.txt', 'a')
    const { hashes } = repository.targets.targets['a.txt']!
    Object.assign(hashes, { sha512: '0'.repeat(128) })
    repository.publish('targets', 'snapshot', 'timestamp')
    expect(await repository.client().read('a.txt')).toEqual(['a'])
    for (const only of [{ sha512: '0'.repeat(128) }, { 'unknown-hash': '00' }]) {
      repository.targets.targets['a.txt']!.hashes = only as never
      repository.publish('targets', 'snapshot', 'timestamp')
      expect(await repository.client().read('a.txt')).toEqual(['damaged'])
    }
  })
})
