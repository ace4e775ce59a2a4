import { YardError } from '../../model/index.ts'
import type { Refs } from '../../store/index.ts'
import { nextVersion } from '../statements/layout.ts'
import type { StatementSigner } from '../statements/statement-key.ts'
import { onlineLifetime } from './change.ts'
import { type Draft, factsOf } from './draft.ts'
import {
  expiresAt,
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
 * moment it leaves what was published before or all of this, and files that nothing names. A new root comes last when the rest holds
 * under the old one too, so that no host finds anything that it cannot verify; first where the old keys are gone.
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
  const metadata = (file: string, content: Metadata) =>
    refs.write(departuresRef.metadata(file), textOfMetadata(content))
  await Promise.all([
    ...draft.texts.map(({ path, facts, text }) => writeOnce(refs, departuresRef.target(path, facts), text)),
    ...[...draft.files].map(([role, file]) =>
      metadata(`${file.metadata.signed.version}.${role}.json`, file.metadata),
    ),
    metadata(`${snapshot.signed.version}.snapshot.json`, snapshot),
  ])
  const writeRoot = async () => root && metadata(`${root.signed.version}.root.json`, root)
  const isRootFirst = root !== undefined && !holdsUnder(published.root.signed, draft, snapshot, timestamp)
  if (isRootFirst) await writeRoot()
  await metadata('timestamp.json', timestamp)
  if (!isRootFirst) await writeRoot()
  return timestamp.signed.version
}

/** A target is named by its hash: one that is there is the right one, unless the disk says otherwise. */
async function writeOnce(refs: Refs, ref: string, text: string): Promise<void> {
  if ((await refs.read(ref)) !== text) await refs.write(ref, text)
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

/** Whether hosts that have not seen the next root can verify the rest. */
function holdsUnder(
  { roles, keys }: RootSigned,
  draft: Draft,
  snapshot: Metadata<SnapshotSigned>,
  timestamp: Metadata<TimestampSigned>,
): boolean {
  const targets = draft.files.get('targets')
  return (
    isSatisfied(trustOf(roles.snapshot, keys), snapshot) &&
    isSatisfied(trustOf(roles.timestamp, keys), timestamp) &&
    (targets === undefined || isSatisfied(trustOf(roles.targets, keys), targets.metadata))
  )
}
