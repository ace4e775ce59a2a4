import { YardError } from '../../model/index.ts'
import type { Refs } from '../../store/index.ts'
import { nextVersion } from '../statements/layout.ts'
import type { StatementSigner } from '../statements/statement-key.ts'
import type { RoleType } from '../statements/verify/metadata-guard.ts'
import { onlineLifetime } from './change.ts'
import { checkBounds } from './check-bounds.ts'
import { type Draft, factsOf } from './draft.ts'
import {
  expiresAt,
  type FileFacts,
  isSatisfied,
  type Metadata,
  type RootSigned,
  type SnapshotSigned,
  signMetadata,
  specVersion,
  type TimestampSigned,
  type TopRole,
  textOfMetadata,
  trustOf,
} from './metadata.ts'
import { departuresRef, type Published } from './published.ts'

export interface CommitOptions {
  /** The next root; absent while it stays the same. */
  root?: Metadata<RootSigned> | undefined
  signers: readonly StatementSigner[]
  /** Milliseconds since the epoch. */
  now: number
  /** Whether any rollout is under way once this is published. */
  isRunning: boolean
}

/**
 * Publishes a draft: first all that is new under names of its own, then `timestamp.json`, which leads to it. Killed at any
 * moment it leaves what was published before or all of this, and files that nothing names. A new root comes last of all: the rest is signed
 * by the old keys too where they are at hand, and then no host finds anything that it cannot verify.
 * @returns version of the timestamp.
 * @throws YardError `configuration` when no key at hand may sign snapshot or timestamp; nothing is written then.
 */
export async function commit(
  refs: Refs,
  published: Published,
  draft: Draft,
  options: CommitOptions,
): Promise<number> {
  const { snapshot, timestamp } = signedChain(published, draft, options)
  const { root } = options
  const files = [
    ...draft.texts.map(({ path, facts, text }) => target(path, facts, text)),
    ...[...draft.files].map(([role, file]) => metadataFile('targets', file.metadata, role)),
    metadataFile('snapshot', snapshot),
  ]
  const last = metadataFile('timestamp', timestamp)
  const newRoot = root && metadataFile('root', root)
  for (const { ref, type, text } of [...files, last, ...(newRoot ? [newRoot] : [])])
    checkBounds(ref, type, text)

  await writeAll(refs, files)
  await refs.write(last.ref, last.text)
  // Never replaced: hosts that have seen a root take no other of its number.
  if (newRoot !== undefined) await refs.create(newRoot.ref, newRoot.text)
  return timestamp.signed.version
}

interface NewFile {
  ref: string
  type: RoleType | 'statement'
  text: string
}

function target(path: string, facts: FileFacts, text: string): NewFile {
  return { ref: departuresRef.target(path, facts), type: 'statement', text }
}

function metadataFile(type: RoleType, metadata: Metadata, role: string = type): NewFile {
  const name = type === 'timestamp' ? role : `${metadata.signed.version}.${role}`
  return { ref: departuresRef.metadata(`${name}.json`), type, text: textOfMetadata(metadata) }
}

/** Thousands of channels are renewed at once: the system opens only so many files. */
const writesAtOnce = 64

async function writeAll(refs: Refs, files: readonly NewFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += writesAtOnce)
    await Promise.all(files.slice(at, at + writesAtOnce).map(file => writeOnce(refs, file)))
}

/** A target is named by its hash: one that is there is the right one, unless the disk says otherwise. */
async function writeOnce(refs: Refs, { ref, type, text }: NewFile): Promise<void> {
  if (type !== 'statement' || (await refs.read(ref)) !== text) await refs.write(ref, text)
}

function signedChain(published: Published, draft: Draft, { root, signers, now, isRunning }: CommitOptions) {
  const roots = [...new Set([root?.signed ?? published.root.signed, published.root.signed])]
  const expires = expiresAt(now + onlineLifetime(isRunning) * 1000)
  const common = { spec_version: specVersion, expires }
  const meta = { ...published.snapshot?.signed.meta }
  for (const [role, { metadata }] of draft.files)
    meta[`${role}.json`] = { version: metadata.signed.version, ...factsOf(textOfMetadata(metadata)) }
  // 5.5.5: a role that hosts have seen may not vanish from the snapshot.
  for (const role of draft.removed) {
    const last = meta[`${role}.json`]
    if (last !== undefined) meta[`${role}.json`] = { version: last.version }
  }
  // 5.3.11: hosts forget what keys signed that are all replaced, and with it the roles that are gone.
  const isForgetting = root !== undefined && sharesNoKey('snapshot', root.signed, published.root.signed)
  if (isForgetting)
    for (const [file, { hashes }] of Object.entries(meta)) if (hashes === undefined) delete meta[file]
  const snapshot = signTop<SnapshotSigned>('snapshot', roots, signers, {
    _type: 'snapshot',
    ...common,
    version: nextVersion(published.snapshot?.signed.version ?? 0, now),
    meta,
  })
  const facts = { version: snapshot.signed.version, ...factsOf(textOfMetadata(snapshot)) }
  const timestamp = signTop<TimestampSigned>('timestamp', roots, signers, {
    _type: 'timestamp',
    ...common,
    version: nextVersion(published.timestamp?.signed.version ?? 0, now),
    meta: { 'snapshot.json': facts },
  })
  return { snapshot, timestamp }
}

function sharesNoKey(role: TopRole, one: RootSigned, other: RootSigned): boolean {
  return !one.roles[role].keyids.some(keyid => other.roles[role].keyids.includes(keyid))
}

function signTop<S extends SnapshotSigned | TimestampSigned>(
  role: TopRole,
  [root, ...others]: readonly RootSigned[],
  signers: readonly StatementSigner[],
  signed: S,
): Metadata<S> {
  const trusts = [root!, ...others].map(({ roles, keys }) => trustOf(roles[role], keys))
  const trusted = new Set(trusts.flatMap(({ keys }) => keys.map(({ keyid }) => keyid)))
  const metadata = signMetadata<S>(
    { signed, signatures: [] },
    signers.filter(({ key }) => trusted.has(key.keyid)),
  )
  if (isSatisfied(trusts[0]!, metadata)) return metadata
  throw new YardError(
    'configuration',
    `no key of this yard may sign the statements' ${role}; nothing was changed`,
    {
      hint: 'put the online key back into keys/statements/ of the yard, or replace it: switchyard trust keys rotate',
    },
  )
}
