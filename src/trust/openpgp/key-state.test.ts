import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askGpgv, createGnupg, type Gnupg, revoke } from '../gnupg.fixture.ts'
import { parseKeyring } from '../keyring.ts'
import { verifyClearSigned } from '../verify.ts'
import { type Packet, packetTags, readPackets, writePacket } from './packets.ts'

const text = Buffer.from('Suite: stable\n')

let gnupg: Gnupg

beforeAll(() => {
  gnupg = createGnupg()
  gnupg.makeKey('bystander', 'ed25519')
})

afterAll(() => gnupg.remove())

/** Why ours refuses the document with this keyring, or `accepted`; gpgv must say the same. */
async function verdict(document: Buffer, keyring: Buffer): Promise<string> {
  const ours = await verifyClearSigned(document, parseKeyring(keyring, 'keyring'), {
    now: Date.now(),
    object: 'InRelease',
  }).then(
    () => 'accepted',
    (error: Error) => error.message,
  )
  const oracle = askGpgv(gnupg, gnupg.file(keyring), document)
  expect(ours === 'accepted', `${ours}; gpgv: ${oracle.statuses}`).toBe(oracle.accepted)
  return ours
}

function exported(...names: string[]): Buffer {
  return gnupg.gpg(['--export', ...names.map(name => `=${name} <${name}@example.org>`)])
}

function packetsOf(keyring: Buffer): Packet[] {
  const { packets, fault } = readPackets(keyring)
  expect(fault).toBeUndefined()
  return packets
}

function written(packets: readonly Packet[]): Buffer {
  return Buffer.concat(packets.map(({ tag, body }) => writePacket(tag, body)))
}

/** A version 4 signature packet with nothing but its issuer left in the area that is not signed. */
function withoutBackSignature({ tag, body }: Packet): Packet {
  const end = 6 + body.readUInt16BE(4)
  const rest = end + 2 + body.readUInt16BE(end)
  const issuer = body.indexOf(Buffer.from([9, 16]), end)
  const kept = body.subarray(issuer, issuer + 10)
  return {
    tag,
    body: Buffer.concat([body.subarray(0, end), Buffer.from([0, 10]), kept, body.subarray(rest)]),
  }
}

describe('the state of a key', () => {
  it('follows its newest self-signature: an expiry that was prolonged, and one that was shortened', async () => {
    const prolonged = gnupg.makeKey('prolonged', 'ed25519', { at: '20200101T000000', expire: '30d' })
    const document = gnupg.clearSign(text, ['prolonged'], [], '20200102T000000')
    const before = exported('prolonged')
    expect(await verdict(document, before)).toContain('the key expired on 2020-01-31')
    gnupg.gpg(['--quick-set-expire', prolonged, '0'], { at: '20200103T000000' })
    expect(await verdict(document, exported('prolonged'))).toBe('accepted')
    gnupg.gpg(['--quick-set-expire', prolonged, '60d'], { at: '20200104T000000' })
    expect(await verdict(document, exported('prolonged'))).toContain('the key expired on 2020-03-04')
  })

  it('is expired for a subkey when its primary key is', async () => {
    const primary = gnupg.makeKey('primary', 'ed25519', {
      at: '20200101T000000',
      expire: '30d',
      usage: 'cert',
    })
    gnupg.gpg(['--quick-add-key', primary, 'ed25519', 'sign', 'never'], { at: '20200101T000000' })
    const document = gnupg.clearSign(text, ['primary'], [], '20200102T000000')
    expect(await verdict(document, exported('primary'))).toContain('the key expired on 2020-01-31')
  })

  it('is revoked for a subkey when its primary key is', async () => {
    const primary = gnupg.makeKey('withdrawn', 'ed25519', { usage: 'cert' })
    gnupg.gpg(['--quick-add-key', primary, 'ed25519', 'sign', 'never'])
    const document = gnupg.clearSign(text, ['withdrawn'])
    expect(await verdict(document, exported('withdrawn'))).toBe('accepted')
    revoke(gnupg, primary)
    expect(await verdict(document, exported('withdrawn'))).toContain('the key is revoked')
  })

  it('is revoked for a subkey wherever behind it the revocation stands', async () => {
    const primary = gnupg.makeKey('late', 'ed25519', { usage: 'cert' })
    gnupg.gpg(['--quick-add-key', primary, 'ed25519', 'sign', 'never'])
    const document = gnupg.clearSign(text, ['late'])
    gnupg.gpg(['--command-fd', '0', '--expert', '--edit-key', primary], {
      input: Buffer.from('key 1\nrevkey\ny\n0\n\ny\nsave\n'),
    })
    const packets = packetsOf(exported('late'))
    const revocation = packets.findIndex(({ body }) => body[1] === 0x28)
    const user = packets.find(({ tag }) => tag === packetTags.userId)!
    const moved = [...packets.toSpliced(revocation, 1), user, packets[revocation]!]
    expect(await verdict(document, written(moved))).toContain('the key is revoked')
  })

  it('is valid with a self-signature by SHA-1, but not by MD5', async () => {
    for (const [digest, expected] of [
      ['SHA1', /accepted/],
      ['MD5', /nothing confirms/],
    ] as const) {
      const name = `self${digest.toLowerCase()}`
      const weak = ['--cert-digest-algo', digest, '--allow-weak-digest-algos']
      gnupg.gpg([
        ...weak,
        '--quick-generate-key',
        `${name} <${name}@example.org>`,
        'rsa2048',
        'sign',
        'never',
      ])
      expect(await verdict(gnupg.clearSign(text, [name], weak), exported(name))).toMatch(expected)
    }
  })

  it('is not known when a part of its certificate cannot be read: that might be the revocation', async () => {
    gnupg.makeKey('damaged', 'ed25519')
    const document = gnupg.clearSign(text, ['damaged'])
    const fresh = exported('damaged')
    revoke(gnupg, parseKeyring(fresh, 'x').keys[0]!.fingerprint)
    const packets = packetsOf(exported('damaged')).map(({ tag, body }) =>
      body[1] === 0x20 ? { tag, body: body.subarray(0, -20) } : { tag, body },
    )
    const keyring = Buffer.concat([written(packets), exported('bystander')])
    expect(await verdict(document, keyring)).toContain('the key is missing from the keyring')
  })

  it('needs a self-signature', async () => {
    gnupg.makeKey('bare', 'ed25519')
    const document = gnupg.clearSign(text, ['bare'])
    const bare = packetsOf(exported('bare')).filter(({ tag }) => tag !== packetTags.signature)
    expect(await verdict(document, written(bare))).toContain('nothing confirms')
  })

  it('does not count a self-signature of which a byte is wrong', async () => {
    gnupg.makeKey('forged', 'ed25519')
    const document = gnupg.clearSign(text, ['forged'])
    const packets = packetsOf(exported('forged'))
    const last = packets.at(-1)!.body
    last[last.length - 1]! ^= 1
    expect(await verdict(document, written(packets))).toContain('nothing confirms')
  })

  it('lets nobody claim the subkey of another: the subkey must sign its primary key, too', async () => {
    const owner = gnupg.makeKey('owner', 'ed25519', { usage: 'cert' })
    gnupg.gpg(['--quick-add-key', owner, 'ed25519', 'sign', 'never'])
    const document = gnupg.clearSign(text, ['owner'])
    const packets = packetsOf(exported('owner'))
    const claimed = [...packets.slice(0, -1), withoutBackSignature(packets.at(-1)!)]
    expect(await verdict(document, written(claimed))).toContain('the subkey did not sign its primary key')
  })

  it('is revoked by a key that its holder appointed, and by no other', async () => {
    gnupg.makeKey('appointing', 'ed25519')
    gnupg.makeKey('revoker', 'ed25519')
    const document = gnupg.clearSign(text, ['appointing'])
    gnupg.gpg(['--command-fd', '0', '--edit-key', 'appointing@example.org'], {
      input: Buffer.from('addrevoker\nrevoker@example.org\ny\nsave\n'),
    })
    const revocation = gnupg.gpg(
      ['--no-batch', '--command-fd', '0', '--desig-revoke', 'appointing@example.org'],
      {
        input: Buffer.from('y\n0\n\ny\n'),
      },
    )
    expect(await verdict(document, exported('appointing', 'revoker'))).toBe('accepted')
    gnupg.gpg(['--import'], { input: revocation })
    expect(await verdict(document, exported('appointing', 'revoker'))).toContain('the key is revoked')

    gnupg.makeKey('victim', 'ed25519')
    const packets = packetsOf(exported('victim'))
    const alien = packetsOf(exported('appointing')).find(({ body }) => body[1] === 0x20)!
    const keyring = Buffer.concat([written([packets[0]!, alien, ...packets.slice(1)]), exported('revoker')])
    expect(await verdict(gnupg.clearSign(text, ['victim']), keyring)).toBe('accepted')
  })

  it('is that of the first, where a keyring has a key twice', async () => {
    gnupg.makeKey('twice', 'ed25519')
    const fresh = exported('twice')
    const document = gnupg.clearSign(text, ['twice'])
    revoke(gnupg, parseKeyring(fresh, 'x').keys[0]!.fingerprint)
    const revoked = exported('twice')
    expect(await verdict(document, Buffer.concat([revoked, fresh]))).toContain('the key is revoked')
    expect(await verdict(document, Buffer.concat([fresh, revoked]))).toBe('accepted')
  })
})
