import { type Digest, type HostId, isDigest, isHostId, type Name, YardError } from '../../model/index.ts'
import { openEnvelope, type PayloadKind, readEnvelope } from './envelope.ts'
import { type StatementKey, statementKeyOf } from './statement-key.ts'

/** The file that makes a machine a host: what `switchyard host token create` prints. A secret while its token is good. */
export interface EnrolmentFile {
  version: 1
  /** Where to enrol: `https://yard.example.org:8443`. */
  server: string
  /** PEM; the certificate of `server` is signed by one of these. */
  ca: string
  /** The root of trust: bytes of root.json in Base64, and their SHA-256. */
  root: { sha256: Digest; metadata: string }
  token: string
  /** Where statements can be had, the preferred first: URLs, or `file:` of a directory. */
  places: string[]
}

/** The most bytes that a request for a certificate may have, in its envelope. */
export const maximumEnrolmentBytes = 16 * 1024

interface Machine {
  version: 1
  /** The host's Ed25519 key, 64 hexadecimal digits. It signs the envelope, and so proves that the host has it. */
  public: string
  /** `machineDigest` of the machine-id and `public`. */
  machine: Digest
  /** The kernel's boot_id. */
  boot: string
}

/** `POST /hosts/v1/enrol`. Sent again by the same key it answers for the same host: an answer may be lost. */
export interface EnrolmentRequest extends Machine {
  token: string
}

/** `POST /hosts/v1/renew`, over a connection that the host's certificate proves. */
export interface RenewalRequest extends Machine {
  host: HostId
  /** As of reports. */
  counter: number
  /** The certificate expired while no fresh statement could be had: up to 30 days it is renewed all the same. */
  late: boolean
}

/** What both are answered with. */
export interface EnrolmentAnswer {
  version: 1
  host: HostId
  /** PEM, for 90 days; to be renewed after 60. */
  certificate: string
  /** PEM: takes the place of the ones that the host has. */
  ca: string
  train: Name
  channel: Name
  places: string[]
}

/** @throws YardError `untrusted` when the text is no request for enrolment, or is not signed by the key in it. */
export function openEnrolmentRequest(text: string): { request: EnrolmentRequest; key: StatementKey } {
  const { stated, key } = openSigned<EnrolmentRequest>('enrolment', text)
  if (typeof stated.token !== 'string' || stated.token.length > 300)
    throw malformed('enrolment', 'it has no token')
  return { request: stated, key }
}

/** @throws YardError `untrusted` when the text is no request for renewal, or is not signed by the key in it. */
export function openRenewalRequest(text: string): { request: RenewalRequest; key: StatementKey } {
  const { stated, key } = openSigned<RenewalRequest>('renewal', text)
  if (typeof stated.host !== 'string' || !isHostId(stated.host))
    throw malformed('renewal', 'it names no host')
  if (!Number.isSafeInteger(stated.counter) || stated.counter < 0)
    throw malformed('renewal', 'it has no counter')
  if (typeof stated.late !== 'boolean') throw malformed('renewal', 'it does not say whether it is late')
  return { request: stated, key }
}

/** The key is in what it signs, so that is looked at first, and believed after. */
function openSigned<T extends Machine>(kind: PayloadKind, text: string): { stated: T; key: StatementKey } {
  const claimed = payloadOf(text)
  const hex = claimed?.public
  if (typeof hex !== 'string' || !/^[0-9a-f]{64}$/.test(hex)) throw malformed(kind, 'it holds no key')
  const key = statementKeyOf(hex)
  const stated = openEnvelope(kind, text, { keys: [key], threshold: 1, object: `request (${kind})` }) as T
  if (stated.version !== 1) throw malformed(kind, 'it is of another version')
  if (typeof stated.machine !== 'string' || !isDigest(stated.machine))
    throw malformed(kind, 'it has no digest of the machine')
  if (typeof stated.boot !== 'string' || !isBoot(stated.boot)) throw malformed(kind, 'it has no boot id')
  return { stated, key }
}

function payloadOf(text: string): Partial<Machine> | undefined {
  const envelope = readEnvelope(text)
  if (envelope === undefined) return undefined
  try {
    return Object(JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8')))
  } catch {
    return undefined
  }
}

/** As /proc/sys/kernel/random/boot_id has it. */
function isBoot(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(text)
}

function malformed(kind: PayloadKind, why: string): YardError {
  return new YardError('untrusted', `request (${kind}): ${why}; nothing was changed`)
}
