import { canonicalJson, type Json } from '../../model/index.ts'
import type { Refs } from '../../store/index.ts'
import { type Change, mergeChanges } from './change.ts'
import { bytesToSign, type Metadata, type RootSigned, type TargetsSigned } from './metadata.ts'
import { departuresRef, type Published, parseRecord } from './published.ts'

/** A change that waits for people's signatures. */
export interface Waiting {
  id: number
  change: Change
  /** The next root, while keys are rotated. */
  root?: Metadata<RootSigned>
  /** What people are to sign, with the signatures so far. What the keys at hand sign is made when it is published. */
  files: { [role: string]: Metadata<TargetsSigned> }
}

/** One file, so that changes are merged and leave in one moment. */
export interface Staging {
  version: 1
  /** The next id. */
  next: number
  waiting: Waiting[]
}

/** Without what is published already, and was not forgotten because a crash came in between. */
export async function readStaging(refs: Refs, published: Published): Promise<Staging> {
  const text = await refs.read(departuresRef.staged)
  if (text === undefined) return { version: 1, next: 1, waiting: [] }
  const staging = parseRecord<Staging>(departuresRef.staged, text)
  return { ...staging, waiting: staging.waiting.filter(one => !isDone(one, published)) }
}

function isDone({ root, files }: Waiting, published: Published): boolean {
  const versionOf = (role: string) => published.snapshot?.signed.meta[`${role}.json`]?.version ?? 0
  return (
    (root === undefined || bytesToSign(root.signed).equals(bytesToSign(published.root.signed))) &&
    Object.entries(files).every(([role, { signed }]) => signed.version <= versionOf(role))
  )
}

export async function writeStaging(refs: Refs, staging: Staging): Promise<void> {
  await refs.write(departuresRef.staged, canonicalJson(staging as unknown as Json))
}

/** What people sign in it. */
export function rolesOf({ root, files }: Waiting): string[] {
  return [...(root === undefined ? [] : ['root']), ...Object.keys(files)]
}

/** The later one on top of the earlier ones, under its own id. */
export function mergeWaiting(earlier: readonly Waiting[], later: Waiting): Waiting {
  const all = [...earlier, later]
  const root = all.findLast(one => one.root !== undefined)?.root
  return {
    id: later.id,
    change: all.map(({ change }) => change).reduce(mergeChanges),
    ...(root === undefined ? {} : { root }),
    files: Object.assign({}, ...all.map(({ files }) => files)) as Waiting['files'],
  }
}
