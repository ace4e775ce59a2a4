import { isYardError, messageOf } from '../../model/index.ts'
import type { Refs } from '../../store/index.ts'
import { isSatisfied, type Metadata, type RootSigned, trustOf } from './metadata.ts'
import {
  departuresRef,
  newestRootVersion,
  type Published,
  readMetadata,
  readPublished,
  trustIn,
} from './published.ts'
import { readStaging } from './staged.ts'

/** Something about the published statements that hosts would not accept. */
export interface StatementFault {
  /** The ref, or the role where no single file is to blame. */
  name: string
  problem: string
}

export interface StatementCheck {
  /** Files that were looked at. */
  checked: number
  faults: StatementFault[]
}

/**
 * Proves the published statements as a host does that trusts the first root, but for their age: every root by the one before it, and every file
 * by the hash and the signatures that lead to it.
 */
export async function checkStatements(refs: Refs): Promise<StatementCheck> {
  const faults: StatementFault[] = []
  const roots = await checkRoots(refs, faults)
  const published = await readPublished(refs).catch(error => {
    faults.push({ name: 'departures', problem: problemOf(error) })
    return undefined
  })
  if (published !== undefined)
    await readStaging(refs, published).catch(error => {
      faults.push({ name: departuresRef.staged, problem: problemOf(error) })
    })
  if (published?.timestamp === undefined) return { checked: roots, faults }
  const roles = (published.targets?.signed.delegations?.roles ?? []).map(({ name }) => name)
  let checked = roots + 3
  for (const role of ['timestamp', 'snapshot', 'targets'] as const)
    checkSignatures(published, role, published[role], faults)
  for (const role of roles) checked += await checkRole(published, role, faults)
  return { checked, faults }
}

/** @returns how many there are. */
async function checkRoots(refs: Refs, faults: StatementFault[]): Promise<number> {
  const newest = await newestRootVersion(refs)
  let before: Metadata<RootSigned> | undefined
  for (let version = 1; version <= newest; version++) {
    const file = `${version}.root.json`
    const root = await readMetadata<RootSigned>(refs, file).catch(() => undefined)
    if (root === undefined) {
      faults.push({ name: departuresRef.metadata(file), problem: 'it is missing, or it is not JSON' })
      continue
    }
    const trusts = [before ?? root, root].map(({ signed }) => trustOf(signed.roles.root, signed.keys))
    const isGood = root.signed.version === version && trusts.every(trust => isSatisfied(trust, root))
    if (!isGood)
      faults.push({
        name: departuresRef.metadata(file),
        problem: 'it has not the signatures of the root before it and its own',
      })
    before = root
  }
  return newest
}

/** @returns how many files there are of it. */
async function checkRole(published: Published, role: string, faults: StatementFault[]): Promise<number> {
  try {
    const file = await published.role(role)
    checkSignatures(published, role, file, faults)
    const paths = Object.keys(file?.signed.targets ?? {})
    for (const path of paths) await published.target(role, path)
    return 1 + paths.length
  } catch (error) {
    faults.push({ name: role, problem: problemOf(error) })
    return 1
  }
}

function checkSignatures(
  published: Published,
  role: string,
  file: Metadata | undefined,
  faults: StatementFault[],
): void {
  if (file === undefined) faults.push({ name: role, problem: 'the role has signed nothing' })
  else if (!isSatisfied(trustIn(published, role), file))
    faults.push({ name: role, problem: 'too few of the keys that may sign it have' })
}

function problemOf(error: unknown): string {
  if (!isYardError(error)) throw error
  return messageOf(error)
}
