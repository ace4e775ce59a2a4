import { canonicalJson, type Digest, type Json } from '../../model/index.ts'
import { haltField } from '../statements/layout.ts'
import {
  isSignedBy,
  type StatementKey,
  type StatementSigner,
  statementKeyOf,
} from '../statements/statement-key.ts'

/** A file of TUF metadata (specification 1.0.34, section 4), as plain values: what is signed, and by whom. */
export interface Metadata<S extends Signed = Signed> {
  signatures: { keyid: string; sig: string }[]
  signed: S
}

export type Signed = RootSigned | TargetsSigned | SnapshotSigned | TimestampSigned

interface Common {
  spec_version: string
  version: number
  /** `2026-11-28T07:00:00Z`. */
  expires: string
}

/** Whose signatures a role needs. The keys stand beside it. */
export interface KeyIds {
  keyids: string[]
  threshold: number
}

/** A key in metadata; the owner is a name for people and proves nothing. */
export interface ListedKey {
  keytype: 'ed25519'
  scheme: 'ed25519'
  keyval: { public: string }
  'x-switchyard-owner'?: string
}

export interface RootSigned extends Common {
  _type: 'root'
  consistent_snapshot: true
  keys: { [keyid: string]: ListedKey }
  roles: { [role in TopRole]: KeyIds }
  [haltField]: KeyIds
}

export const topRoles = ['root', 'targets', 'snapshot', 'timestamp'] as const
export type TopRole = (typeof topRoles)[number]

/** Of `targets` and of every role that it delegates to. */
export interface TargetsSigned extends Common {
  _type: 'targets'
  targets: { [path: string]: FileFacts }
  delegations?: Delegations
}

export interface Delegations {
  keys: { [keyid: string]: ListedKey }
  roles: DelegatedRole[]
}

export interface DelegatedRole extends KeyIds {
  name: string
  paths: string[]
  terminating: true
}

export interface FileFacts {
  length: number
  hashes: { sha256: Digest }
}

/** Length and hash are absent for a role that nothing delegates to any more: it may not vanish (5.5.5), its file may. */
export type MetaFacts = { version: number } & Partial<FileFacts>

export interface SnapshotSigned extends Common {
  _type: 'snapshot'
  meta: { [file: string]: MetaFacts }
}

export interface TimestampSigned extends Common {
  _type: 'timestamp'
  meta: { 'snapshot.json': { version: number } & FileFacts }
}

/** A key that metadata lists, with its owner's name where one was given. */
export interface TrustedKey extends StatementKey {
  owner?: string
}

/** Who may sign a role, and how many of them must. */
export interface RoleTrust {
  keys: TrustedKey[]
  threshold: number
}

/** The version of the specification that is written. */
export const specVersion = '1.0.34'

/** A moment in milliseconds, as metadata says when it expires. */
export function expiresAt(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+/, '')
}

/**
 * The bytes that a signature is over: canonical JSON of TUF (4.2.1), which equals ours as long as no text has control characters.
 */
export function bytesToSign(signed: object): Buffer {
  return Buffer.from(textOfSigned(signed))
}

/** The file's text. */
export function textOfMetadata({ signatures, signed }: Metadata): string {
  return `{"signatures":${canonicalJson(signatures)},"signed":${textOfSigned(signed)}}`
}

/** Of what was signed once, whatever becomes of its signatures: what is signed is never changed in place. */
const texts = new WeakMap<object, string>()

function textOfSigned(signed: object): string {
  const known = texts.get(signed)
  if (known !== undefined) return known
  const text = canonicalJson(signed as Json)
  texts.set(signed, text)
  return text
}

/** The metadata with signatures of these keys; a second one of the same key replaces the first. */
export function signMetadata<S extends Signed>(
  { signed, signatures }: Metadata<S>,
  signers: readonly StatementSigner[],
): Metadata<S> {
  const bytes = bytesToSign(signed)
  const others = signatures.filter(({ keyid }) => !signers.some(({ key }) => key.keyid === keyid))
  const added = signers.map(({ key, sign }) => ({ keyid: key.keyid, sig: sign(bytes).toString('hex') }))
  return { signed, signatures: [...others, ...added] }
}

/** Which of the keys signed it. Each key counts once, whatever it is called, and however often it is listed or signed. */
export function signersOf(metadata: Metadata, keys: readonly TrustedKey[]): Digest[] {
  const signed = new Set(goodSignatures(metadata, keys).map(({ keyid }) => keyid))
  return [...new Set(keys.map(({ keyid }) => keyid))].filter(keyid => signed.has(keyid))
}

/** The signatures of these keys that hold, one of each key: a host refuses a file that has two of one key, good or not. */
export function goodSignatures(
  { signed, signatures }: Metadata,
  keys: readonly TrustedKey[],
): Metadata['signatures'] {
  const bytes = bytesToSign(signed)
  const left = new Map<string, TrustedKey>(keys.map(key => [key.keyid, key]))
  return signatures.flatMap(({ keyid, sig }) => {
    const key = left.get(keyid)
    const signature = Buffer.from(sig, 'hex')
    if (key === undefined || !isSignedBy(key, bytes, signature)) return []
    left.delete(keyid)
    return [{ keyid, sig: signature.toString('hex') }]
  })
}

export function isSatisfied({ keys, threshold }: RoleTrust, metadata: Metadata): boolean {
  return signersOf(metadata, keys).length >= threshold
}

/** The role's keys among the listed ones; one whose id is not its own counts for nothing. */
export function trustOf({ keyids, threshold }: KeyIds, listed: { [keyid: string]: ListedKey }): RoleTrust {
  const keys = keyids.flatMap(keyid => {
    const entry = Object.hasOwn(listed, keyid) ? listed[keyid] : undefined
    if (entry === undefined || !/^[0-9a-f]{64}$/.test(entry.keyval.public)) return []
    const key = statementKeyOf(entry.keyval.public)
    const owner = entry['x-switchyard-owner']
    return key.keyid === keyid ? [owner === undefined ? key : { ...key, owner }] : []
  })
  return { keys, threshold }
}

/** The reverse of `trustOf`: the role, with its keys added to `listed`. */
export function listTrust({ keys, threshold }: RoleTrust, listed: { [keyid: string]: ListedKey }): KeyIds {
  for (const { keyid, public: hex, owner = listed[keyid]?.['x-switchyard-owner'] } of keys) {
    const key: ListedKey = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } }
    listed[keyid] = owner === undefined ? key : { ...key, 'x-switchyard-owner': owner }
  }
  return { keyids: keys.map(({ keyid }) => keyid), threshold }
}
