import type { Metadata, MetaFile, TargetFile, Targets } from '@tufjs/models'
import type { TrustedMetadataStore } from 'tuf-js/dist/store.js'
import { digestOf, isDigest } from '../../../model/index.ts'
import { type Clock, clockTolerance, signedAfter } from './clock.ts'
import { delegatesOf } from './delegation.ts'
import { type Case, judged, type Library, loadLibrary } from './judge.ts'
import { caps, guardMetadata } from './metadata-guard.ts'
import { fetchCapped, fetchPromised, type Source } from './source.ts'
import { Suspicion } from './suspicion.ts'

/** Most new roots in one go (TUF specification 5.3.3), and most roles that one look-up visits. */
const maximumRoots = 256
const maximumRoles = 32

/** A way through one yard's metadata, from a trusted root to the targets (the client's workflow of the TUF specification, 5). */
export interface Chain {
  store: TrustedMetadataStore
  /** `targets` and the roles below it that were verified on the way. */
  visited: ReadonlyMap<string, Visited>
  /** What a path is, as told by the first role that it is delegated to and that knows it. @throws Suspicion */
  find(path: string): Promise<FoundTarget | undefined>
  /** A target's bytes, which have the digest and the length that were signed. @throws Suspicion */
  read(path: string, target: TargetFile, maximumBytes: number): Promise<Buffer>
}

interface Visited {
  bytes: Uint8Array
  /** Those who delegate to it, as far as its signatures were verified with their keys. */
  delegators: Set<string>
}

export interface FoundTarget {
  role: string
  delegator: string
  target: TargetFile
}

/**
 * Follows root, timestamp, snapshot and targets as far as they can be verified.
 * @param kept verified metadata by role, as bytes; what is verified of these four replaces it step by step, so that it is worth keeping when a
 * later step fails. Roles below are in `visited`: kept one by one, a thief of the online key could fill a disk with ever new ones.
 * @throws Suspicion
 */
export async function followChain(
  kept: Map<string, Uint8Array>,
  source: Source,
  clock: Clock,
): Promise<Chain> {
  const library = await loadLibrary()
  const trustedRoot: Case = { object: 'trusted root.json', type: 'root', clock }
  const store = judged(
    library,
    trustedRoot,
    () => new library.TrustedMetadataStore(localBytes(kept, 'root')!),
  )
  const context: Context = { library, store, kept, source, clock, visited: new Map() }
  await followRoots(context)
  await followTimestamp(context)
  await followSnapshot(context)
  await loadTargets(context, 'targets', 'root')
  return {
    store,
    visited: context.visited,
    find: path => lookUp(context, path),
    read: (path, target, maximumBytes) => readTarget(source, path, target, maximumBytes),
  }
}

interface Context {
  library: Library
  store: TrustedMetadataStore
  kept: Map<string, Uint8Array>
  source: Source
  clock: Clock
  visited: Map<string, Visited>
}

/** 5.3: one by one, each signed by the one before it and by itself. An expired one is passed. */
async function followRoots({ library, store, kept, source, clock }: Context): Promise<void> {
  for (let count = 0; count < maximumRoots; count++) {
    const next = store.root.signed.version + 1
    const object = `metadata/${next}.root.json`
    const bytes = await fetchCapped(source, object, caps.root)
    if (bytes === undefined) return
    const { version } = guardMetadata(object, 'root', bytes)
    if (version < next) throw new Suspicion('rollback', object, `it is version ${version}, not ${next}`)
    judged(library, { object, type: 'root', clock }, () => store.updateRoot(bytes))
    kept.set('root', bytes)
  }
}

/** 5.4 */
async function followTimestamp(context: Context): Promise<void> {
  const { library, store, kept, source, clock } = context
  const object = 'metadata/timestamp.json'
  setTime(context, [])
  const root = store.root.signed
  if (root.isExpired(new Date(clock.now)))
    throw expired(`metadata/${root.version}.root.json`, root.expires, clock)
  const local = localBytes(kept, 'timestamp')
  // Also an expired one stays in the store, against which the next is compared.
  if (local !== undefined) tolerating(() => store.updateTimestamp(local))
  const times = store.timestamp === undefined ? [] : [store.timestamp.signed]
  // 5.3.11: what rotated keys signed counts no more, which takes back what a thief of theirs ran ahead to.
  if (store.timestamp === undefined) kept.delete('timestamp')

  const bytes = await fetchPromised(source, object, caps.timestamp)
  const shown = guardMetadata(object, 'timestamp', bytes)
  if (signedAfter(shown) > clock.now + clockTolerance && clock.synchronised)
    throw new Suspicion('fast-forward', object, `it was signed in the future, version ${shown.version}`)
  setTime(context, [...times, shown])
  const shownCase: Case = { object, type: 'timestamp', clock }
  const isNew = judged(library, shownCase, () => takeTimestamp(library, store, bytes))
  if (isNew) kept.set('timestamp', bytes)
}

/** False: it is the one at hand. */
function takeTimestamp({ errors }: Library, store: TrustedMetadataStore, bytes: Buffer): boolean {
  try {
    store.updateTimestamp(bytes)
    return true
  } catch (error) {
    if (error instanceof errors.EqualVersionError) return false
    throw error
  }
}

/** The library reads the clock when it is made; the time of one look is one (5.1), never before verified metadata was signed. */
function setTime({ store, clock }: Context, metadata: { version: number; expires: string }[]): void {
  const floor = Math.max(0, ...metadata.map(signedAfter))
  Object.assign(store, { referenceTime: new Date(Math.max(clock.now, floor)) })
}

/** 5.5 */
async function followSnapshot({ library, store, kept, source, clock }: Context): Promise<void> {
  const local = localBytes(kept, 'snapshot')
  const meta = store.timestamp!.signed.snapshotMeta
  const isThis = (bytes: Buffer) => {
    store.updateSnapshot(bytes, true)
    meta.verify(bytes)
  }
  if (local !== undefined && tolerating(() => isThis(local))) return
  // Another one stays in the store for comparison; one that its key did not sign (5.3.11) does not.
  if (store.snapshot === undefined) kept.delete('snapshot')
  const object = `metadata/${versioned(store, meta)}snapshot.json`
  const bytes = await fetchMeta(source, object, 'snapshot', meta)
  judged(library, { object, type: 'snapshot', clock }, () => store.updateSnapshot(bytes))
  kept.set('snapshot', bytes)
}

/** 5.6: `targets`, or a role that another delegates to. */
async function loadTargets(context: Context, role: string, delegator: string): Promise<Metadata<Targets>> {
  const { library, store, kept, source, clock, visited } = context
  const meta = store.snapshot!.signed.meta[`${role}.json`]
  const object = `metadata/${meta === undefined ? '' : versioned(store, meta)}${encodeURIComponent(role)}.json`
  if (meta === undefined)
    throw new Suspicion('mix-and-match', object, 'the snapshot does not name it, though it is delegated to')
  const how: Case = { object, type: 'targets', clock }
  // Verified on another way: this way's delegator must have its keys too.
  const before = visited.get(role)
  if (before !== undefined) {
    const known = store.getRole(role)!
    if (!before.delegators.has(delegator))
      judged(library, how, () => store.getRole(delegator)!.verifyDelegate(role, known))
    before.delegators.add(delegator)
    return known
  }
  let bytes = localBytes(kept, role)
  const isLocal =
    bytes !== undefined && tolerating(() => store.updateDelegatedTargets(bytes!, role, delegator))
  if (!isLocal) {
    const shown = await fetchMeta(source, object, 'targets', meta)
    judged(library, how, () => store.updateDelegatedTargets(shown, role, delegator))
    bytes = shown
  }
  visited.set(role, { bytes: bytes!, delegators: new Set([delegator]) })
  if (role === 'targets') kept.set(role, bytes!)
  return store.getRole(role)!
}

/** 5.6.7: depth first, in the order of each role's delegations; a terminating one that matches ends the search. */
async function lookUp(context: Context, path: string): Promise<FoundTarget | undefined> {
  const pending = [{ role: 'targets', delegator: 'root' }]
  const seen = new Set<string>()
  while (pending.length > 0 && seen.size < maximumRoles) {
    const { role, delegator } = pending.pop()!
    if (seen.has(role)) continue
    seen.add(role)
    const { signed } = await loadTargets(context, role, delegator)
    if (Object.hasOwn(signed.targets, path)) return { role, delegator, target: signed.targets[path]! }
    const { names, terminated } = delegatesOf(signed, path)
    if (terminated) pending.length = 0
    pending.push(...names.reverse().map(name => ({ role: name, delegator: role })))
  }
  return undefined
}

/** 5.7: the file's name begins with its digest. */
async function readTarget(
  source: Source,
  path: string,
  { length, hashes }: TargetFile,
  maximumBytes: number,
): Promise<Buffer> {
  const { sha256 } = hashes
  // It becomes a part of a path.
  if (sha256 === undefined || !isDigest(sha256))
    throw new Suspicion('damaged', `targets/${path}`, 'no SHA-256 of it was signed')
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const object = `targets/${folder}${sha256}.${path.slice(folder.length)}`
  if (length > maximumBytes)
    throw new Suspicion(
      'endless-data',
      object,
      `${length} bytes were signed, of ${maximumBytes} that it may have`,
    )
  const bytes = await fetchPromised(source, object, length)
  if (bytes.length < length)
    throw new Suspicion('damaged', object, `it ends after ${bytes.length} of ${length} bytes`)
  if (digestOf(bytes) !== sha256)
    throw new Suspicion(
      'arbitrary-software',
      object,
      `it has the digest ${digestOf(bytes)}, not the one signed`,
    )
  return bytes
}

async function fetchMeta(
  source: Source,
  object: string,
  type: 'snapshot' | 'targets',
  { length }: MetaFile,
): Promise<Buffer> {
  const cap = caps[type]
  const bytes = await fetchPromised(source, object, Math.min(length ?? cap, cap))
  if (length !== undefined && bytes.length < length)
    throw new Suspicion('damaged', object, `it ends after ${bytes.length} of ${length} bytes`)
  guardMetadata(object, type, bytes)
  return bytes
}

function versioned(store: TrustedMetadataStore, { version }: MetaFile): string {
  return store.root.signed.consistentSnapshot ? `${version}.` : ''
}

function localBytes(kept: Map<string, Uint8Array>, role: string): Buffer | undefined {
  const bytes = kept.get(role)
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function expired(object: string, expires: string, { synchronised }: Clock): Suspicion {
  return new Suspicion(synchronised ? 'freeze' : 'clock-suspect', object, `it expired ${expires}`)
}

/** What lies here already is used where it still holds, and read anew where not. */
function tolerating(step: () => unknown): boolean {
  try {
    step()
    return true
  } catch {
    return false
  }
}
