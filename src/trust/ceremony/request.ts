import { type Digest, digestOf, isDigest, YardError } from '../../model/index.ts'
import {
  type Metadata,
  type RoleTrust,
  type RootSigned,
  signMetadata,
  type TargetsSigned,
} from '../departures/metadata.ts'
import type { Envelope } from '../statements/envelope.ts'
import { type StatementSigner, statementKeyOf } from '../statements/statement-key.ts'

/**
 * What waits for people's signatures, with all that is needed to say in words what it means: carried as a file to machines
 * without a network, and back with signatures. It grants nothing by itself: what is signed is the metadata in it.
 */
export interface SigningRequest {
  version: 1
  /** Every root before the one in force, oldest first: each proves the next. */
  roots: Metadata<RootSigned>[]
  /** What is in force. `targets` is absent before the first. */
  root: Metadata<RootSigned>
  targets?: Metadata<TargetsSigned>
  waiting: WaitingMetadata[]
  /** Statements that the metadata names, new ones and those in force, by their SHA-256. */
  texts: { [digest: string]: string }
  /** The halts that are in force. */
  halts: Envelope[]
}

export interface WaitingMetadata {
  /** Id of the change that it belongs to: what belongs together is published together. */
  change: number
  /** `root`, `targets`, or a role of layout.ts. */
  role: string
  metadata: Metadata<RootSigned | TargetsSigned>
  /** Who signs, as the yard says; each must be reached. A new root needs the old keys and the new ones. */
  needs: RoleTrust[]
  /** A channel's, as it is in force. */
  before?: Metadata<TargetsSigned>
}

const maximumRoots = 1024

/** The most bytes of a file with a request. */
export const maximumRequestBytes = 8 * 1024 * 1024

/**
 * A request as it lies in a file. Who signs it or takes it in judges what is in the metadata; here only the frame is looked at.
 * @param object the file, for messages.
 * @throws YardError `invalid`.
 */
export function parseRequest(text: string, object: string): SigningRequest {
  try {
    const request = JSON.parse(text) as SigningRequest
    const texts = Object.entries(request.texts)
    const isOne =
      request.version === 1 &&
      request.roots.length <= maximumRoots &&
      request.roots.every(isMetadata) &&
      isMetadata(request.root) &&
      (request.targets === undefined || isMetadata(request.targets)) &&
      request.waiting.every(
        ({ change, role, metadata, needs, before }) =>
          Number.isSafeInteger(change) &&
          typeof role === 'string' &&
          isMetadata(metadata) &&
          needs.every(isTrust) &&
          (before === undefined || isMetadata(before)),
      ) &&
      texts.every(([digest, text]) => isDigest(digest) && digestOf(Buffer.from(text)) === digest) &&
      Array.isArray(request.halts)
    if (isOne) return request
  } catch {
    // As below.
  }
  throw new YardError('invalid', `${object} is no request for signatures; nothing was signed`, {
    hint: '`switchyard trust staged --out FILE` writes one',
  })
}

/** A root in a file of its own. @param object the file, for messages. @throws YardError `invalid`. */
export function parseRoot(text: string, object: string): Metadata<RootSigned> {
  try {
    const root = JSON.parse(text) as Metadata<RootSigned>
    if (isMetadata(root) && root.signed._type === 'root') return root
  } catch {
    // As below.
  }
  throw new YardError('invalid', `${object} is no root; nothing was signed`, {
    hint: 'it is the file metadata/1.root.json of what hosts are handed, or one that came after it',
  })
}

function isTrust({ keys, threshold }: RoleTrust): boolean {
  return (
    Number.isSafeInteger(threshold) &&
    keys.every(({ keyid, public: hex }) => /^[0-9a-f]{64}$/.test(hex) && statementKeyOf(hex).keyid === keyid)
  )
}

function isMetadata({ signatures, signed }: Metadata): boolean {
  return (
    Array.isArray(signatures) &&
    signatures.every(({ keyid, sig }) => typeof keyid === 'string' && typeof sig === 'string') &&
    typeof signed === 'object' &&
    signed !== null
  )
}

export function requestText(request: SigningRequest): string {
  return `${JSON.stringify(request, undefined, 1)}\n`
}

/** The request with a signature on the metadata of these roles. */
export function signRequest(
  request: SigningRequest,
  roles: ReadonlySet<string>,
  signer: StatementSigner,
): SigningRequest {
  const waiting = request.waiting.map(one =>
    roles.has(one.role) ? { ...one, metadata: signMetadata(one.metadata, [signer]) } : one,
  )
  return { ...request, waiting }
}

/** A statement that metadata names; undefined: it is not in the request. */
export function textNamed(request: SigningRequest, digest: Digest): string | undefined {
  return Object.hasOwn(request.texts, digest) ? request.texts[digest] : undefined
}
