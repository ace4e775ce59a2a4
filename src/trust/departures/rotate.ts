import { canonicalJson, type Json } from '../../model/index.ts'
import { haltField, lifetimes } from '../statements/layout.ts'
import type { StatementSigner } from '../statements/statement-key.ts'
import { isDue } from './due.ts'
import {
  expiresAt,
  type ListedKey,
  listTrust,
  type Metadata,
  type RoleTrust,
  type RootSigned,
  signMetadata,
  specVersion,
  trustOf,
} from './metadata.ts'

/** Who holds which role from now on; what is absent stays as it is. */
export interface Rotation {
  root?: RoleTrust
  /** Delegates; and signs for every channel that has no keys of its own. */
  targets?: RoleTrust
  /** Snapshot and timestamp; and releases and rollouts. */
  online?: RoleTrust
  /** Who may stop. */
  halt?: RoleTrust
}

/** The first root: one key holds all roles (the profile `solo`). */
export function firstRoot(signer: StatementSigner, now: number): Metadata<RootSigned> {
  const solo = { keys: [signer.key], threshold: 1 }
  return signedRoot({ root: solo, targets: solo, online: solo, halt: solo }, 1, [signer], now)
}

/**
 * The root after `current` (TUF specification 1.0.34, 6.1), signed by the keys at hand among the old ones and the new ones.
 * @param waiting a root that waits for signatures: the rotation begins from it, and it is kept when nothing is changed.
 */
export function nextRoot(
  current: Metadata<RootSigned>,
  waiting: Metadata<RootSigned> | undefined,
  rotation: Rotation,
  signers: readonly StatementSigner[],
  now: number,
): Metadata<RootSigned> {
  const { roles, keys, [haltField]: halt } = (waiting ?? current).signed
  const before: Required<Rotation> = {
    root: trustOf(roles.root, keys),
    targets: trustOf(roles.targets, keys),
    online: trustOf(roles.timestamp, keys),
    halt: trustOf(halt, keys),
  }
  const old = trustOf(current.signed.roles.root, current.signed.keys).keys.map(({ keyid }) => keyid as string)
  const next = { ...before, ...rotation }
  const mayOrDid = new Set([...old, ...next.root.keys.map(({ keyid }) => keyid)])
  const own = signers.filter(({ key }) => mayOrDid.has(key.keyid))
  const root = signedRoot(next, current.signed.version + 1, own, now)
  const isSame =
    waiting?.signed.version === root.signed.version &&
    !isDue(waiting, lifetimes.root, now) &&
    contentOf(waiting) === contentOf(root)
  return isSame ? signMetadata(waiting, own) : root
}

function signedRoot(
  { root, targets, online, halt }: Required<Rotation>,
  version: number,
  signers: readonly StatementSigner[],
  now: number,
): Metadata<RootSigned> {
  const keys: { [keyid: string]: ListedKey } = {}
  const signed: RootSigned = {
    _type: 'root',
    spec_version: specVersion,
    version,
    expires: expiresAt(now + lifetimes.root * 1000),
    consistent_snapshot: true,
    roles: {
      root: listTrust(root, keys),
      targets: listTrust(targets, keys),
      snapshot: listTrust(online, keys),
      timestamp: listTrust(online, keys),
    },
    [haltField]: listTrust(halt, keys),
    keys,
  }
  return signMetadata<RootSigned>({ signed, signatures: [] }, signers)
}

function contentOf({ signed: { keys, roles, [haltField]: halt } }: Metadata<RootSigned>): string {
  return canonicalJson({ keys, roles, halt } as unknown as Json)
}
