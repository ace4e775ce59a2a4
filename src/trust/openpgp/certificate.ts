import { checkArithmetic } from './arithmetic.ts'
import { type PublicKey, readPublicKey } from './key-packet.ts'
import { type Packet, packetTags, writePacket } from './packets.ts'
import { readSignature, type Signature, signatureTypes } from './signature-packet.ts'

/** A signature of the primary key over a part of its own certificate. */
export interface SelfSignature {
  signature: Signature
  /** Whether its arithmetic agrees; computed once. */
  holds(): boolean
}

/** A primary key with what is bound to it (RFC 4880, 11.1). Signatures by other keys are left out, except revocations. */
export interface Certificate {
  primary: PublicKey
  /** Over the primary key itself: direct-key signatures and revocations. */
  direct: SelfSignature[]
  /** Revocations of the primary key that claim to be by another key. */
  foreignRevocations: Signature[]
  users: { id: Buffer; signatures: SelfSignature[] }[]
  subkeys: { key: PublicKey; signatures: SelfSignature[] }[]
  /** The packets as they were, for handing on. */
  bytes: Buffer
}

/**
 * Groups the packets of a keyring into certificates. What gpgv 2.2 cannot read (keys that are not version 4, unknown
 * packets) is passed over. So is, as by gpgv, a whole certificate of which a signature or subkey cannot be read: it might be the
 * revocation.
 */
export function readCertificates(packets: readonly Packet[]): Certificate[] {
  const starts = packets.flatMap(({ tag }, index) => (tag === packetTags.publicKey ? [index] : []))
  return starts.flatMap((start, n) => {
    const certificate = readCertificate(packets.slice(start, starts[n + 1]))
    return certificate === undefined ? [] : [certificate]
  })
}

function readCertificate(packets: readonly Packet[]): Certificate | undefined {
  const primary = readPublicKey(packets[0]!.body)
  if (primary === undefined) return undefined
  const certificate: Certificate = {
    primary,
    direct: [],
    foreignRevocations: [],
    users: [],
    subkeys: [],
    bytes: Buffer.concat(packets.map(({ tag, body }) => writePacket(tag, body))),
  }
  let add = (signature: Signature) => addDirect(certificate, signature)
  for (const { tag, body } of packets.slice(1)) {
    // As gpg: the user IDs stand before the subkeys; those that come later are not there.
    const late = certificate.subkeys.length > 0
    if (tag === packetTags.userId && !late) add = beginUser(certificate, body)
    else if (tag === packetTags.userAttribute && !late) add = ignore
    else if (tag === packetTags.publicSubkey) {
      const key = readPublicKey(body)
      if (key === undefined) return undefined
      add = beginSubkey(certificate, key)
    } else if (tag === packetTags.signature) {
      const signature = readSignature(body)
      if (signature === undefined) return undefined
      add(signature)
    }
  }
  return certificate
}

function addDirect(certificate: Certificate, signature: Signature): void {
  const { primary } = certificate
  if (isSelfSignature(primary, signature)) {
    certificate.direct.push(selfSignature(primary, signature, [primary.hashed]))
  } else if (signature.type === signatureTypes.keyRevocation) {
    certificate.foreignRevocations.push(signature)
  }
}

function beginUser(certificate: Certificate, id: Buffer): (signature: Signature) => void {
  const { primary } = certificate
  const signatures: SelfSignature[] = []
  certificate.users.push({ id, signatures })
  const header = Buffer.from([0xb4, 0, 0, 0, 0])
  header.writeUInt32BE(id.length, 1)
  return signature => {
    if (!isSelfSignature(primary, signature)) return
    const over = signature.version === 3 ? [primary.hashed, id] : [primary.hashed, header, id]
    signatures.push(selfSignature(primary, signature, over))
  }
}

function beginSubkey(certificate: Certificate, key: PublicKey): (signature: Signature) => void {
  const { primary } = certificate
  const signatures: SelfSignature[] = []
  certificate.subkeys.push({ key, signatures })
  return signature => {
    if (isSelfSignature(primary, signature))
      signatures.push(selfSignature(primary, signature, [primary.hashed, key.hashed]))
  }
}

function ignore(): void {}

function isSelfSignature(primary: PublicKey, signature: Signature): boolean {
  return signature.issuerKeyId === primary.keyId
}

function selfSignature(primary: PublicKey, signature: Signature, over: Buffer[]): SelfSignature {
  let holds: boolean | undefined
  return {
    signature,
    holds: () => {
      holds ??= checkArithmetic(primary, signature, over).kind === 'agrees'
      return holds
    },
  }
}
