import { digestOf, YardError } from '../../model/index.ts'
import type { Refs } from '../../store/index.ts'
import {
  type FileFacts,
  type Metadata,
  type RoleTrust,
  type RootSigned,
  type Signed,
  type SnapshotSigned,
  type TargetsSigned,
  type TimestampSigned,
  type TopRole,
  topRoles,
  trustOf,
} from './metadata.ts'

/** Where statements lie among the refs; all but `staged` is served, and can be copied as it is. */
export const departuresRef = {
  metadata: (file: string) => `departures/metadata/${file}`,
  target: (path: string, { hashes }: FileFacts) => `departures/targets/${hashedPath(path, hashes.sha256)}`,
  staged: 'departures/staged/changes.json',
}

/** What hosts can read at this moment, as far as `timestamp.json` leads to it. */
export interface Published {
  root: Metadata<RootSigned>
  timestamp: Metadata<TimestampSigned> | undefined
  snapshot: Metadata<SnapshotSigned> | undefined
  targets: Metadata<TargetsSigned> | undefined
  /** What a delegated role has signed; undefined when it has signed nothing yet, or is delegated to no more. */
  role(name: string): Promise<Metadata<TargetsSigned> | undefined>
  /** The text of a target of a role. */
  target(role: string, path: string): Promise<string | undefined>
}

/**
 * Undefined while there is no root.
 * @throws YardError `damaged` when a file is not the one that the file before it names.
 */
export async function readPublished(refs: Refs): Promise<Published | undefined> {
  const root = await newestRoot(refs)
  if (root === undefined) return undefined
  const timestamp = await readMetadata<TimestampSigned>(refs, 'timestamp.json')
  if (timestamp === undefined && (await isBegun(refs)))
    throw damaged(departuresRef.metadata('timestamp.json'), 'it is missing')
  const named = timestamp?.signed.meta['snapshot.json']
  const snapshot = named && (await readNamed<SnapshotSigned>(refs, `${named.version}.snapshot.json`, named))
  const role = async (name: string) => {
    const facts = snapshot?.signed.meta[`${name}.json`]
    if (facts?.hashes === undefined) return undefined
    return readNamed<TargetsSigned>(refs, `${facts.version}.${name}.json`, facts as FileFacts)
  }
  return {
    root,
    timestamp,
    snapshot,
    targets: await role('targets'),
    role,
    async target(name, path) {
      const facts = (await role(name))?.signed.targets[path]
      return facts && readChecked(refs, departuresRef.target(path, facts), facts)
    },
  }
}

/** The first metadata delegates nothing: where there is a delegated role's, there was a timestamp. */
async function isBegun(refs: Refs): Promise<boolean> {
  return (await refs.list('departures/metadata')).some(name => name.includes('_'))
}

/** Who may sign a published role; nobody, where nothing delegates to it. */
export function trustIn({ root, targets }: Published, role: string): RoleTrust {
  const { roles, keys } = root.signed
  if (isTopRole(role)) return trustOf(roles[role], keys)
  const delegations = targets?.signed.delegations
  const delegated = delegations?.roles.find(({ name }) => name === role)
  return delegated === undefined ? { keys: [], threshold: 1 } : trustOf(delegated, delegations!.keys)
}

function isTopRole(role: string): role is TopRole {
  return topRoles.some(name => name === role)
}

/** The root in force; undefined: there is none. @throws YardError `damaged`. */
export async function newestRoot(refs: Refs): Promise<Metadata<RootSigned> | undefined> {
  const version = await newestRootVersion(refs)
  return version === 0 ? undefined : readMetadata<RootSigned>(refs, `${version}.root.json`)
}

/** Roots have no gaps; the highest is the one that counts. 0: there is none. */
export async function newestRootVersion(refs: Refs): Promise<number> {
  const names = await refs.list('departures/metadata')
  return Math.max(0, ...names.map(name => Number(/^([1-9]\d*)\.root\.json$/.exec(name)?.[1] ?? 0)))
}

/** Undefined: there is none of that name. @throws YardError `damaged` when it is not JSON. */
export async function readMetadata<S extends Signed>(
  refs: Refs,
  file: string,
): Promise<Metadata<S> | undefined> {
  const ref = departuresRef.metadata(file)
  const text = await refs.read(ref)
  if (text === undefined) return undefined
  // Root and timestamp: no other file says what is in them.
  const metadata = parseRecord<Partial<Metadata<S>> | null>(ref, text)
  if (metadata?.signed?._type !== undefined) return metadata as Metadata<S>
  throw damaged(ref, 'it is no metadata')
}

async function readNamed<S extends Signed>(refs: Refs, file: string, facts: FileFacts): Promise<Metadata<S>> {
  const ref = departuresRef.metadata(file)
  return parseRecord<Metadata<S>>(ref, await readChecked(refs, ref, facts))
}

async function readChecked(refs: Refs, ref: string, { hashes }: FileFacts): Promise<string> {
  const text = await refs.read(ref)
  if (text === undefined) throw damaged(ref, 'it is missing')
  if (digestOf(Buffer.from(text)) !== hashes.sha256) throw damaged(ref, 'it is not the file that is signed')
  return text
}

/** What we wrote ourselves: its shape is not asked again. @throws YardError `damaged` when it is not JSON. */
export function parseRecord<T>(ref: string, text: string): T {
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw damaged(ref, 'it is not JSON', cause)
  }
}

function damaged(ref: string, fault: string, cause?: unknown): YardError {
  return new YardError('damaged', `the statement ${ref} is damaged: ${fault}; nothing was changed`, {
    hint: 'restore refs/departures from a backup or from any copy of /departures/, then run switchyard trust refresh --all',
    cause,
  })
}

/** `channels/web/dev.json` -> `channels/web/HASH.dev.json` (6.2.2). */
function hashedPath(path: string, digest: string): string {
  const at = path.lastIndexOf('/') + 1
  return `${path.slice(0, at)}${digest}.${path.slice(at)}`
}
