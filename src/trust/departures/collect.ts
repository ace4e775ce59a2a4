import type { Refs } from '../../store/index.ts'
import type { Metadata, SnapshotSigned, TargetsSigned } from './metadata.ts'
import { departuresRef, type Published } from './published.ts'

/** How long a host may take from reading `timestamp.json` to the last file that it leads to; a copy of the directory may, too. */
const graceSeconds = 24 * 3_600

/**
 * Removes metadata and targets that no host can want any more: what no snapshot names that was in force within the last day. Roots are
 * kept for ever, because a host walks through all of them.
 * @param now milliseconds since the epoch.
 * @returns how many files went.
 */
export async function collect(refs: Refs, { snapshot }: Published, now: number): Promise<number> {
  if (snapshot === undefined) return 0
  const files = (await refs.list('departures/metadata')).flatMap(name => versioned(name) ?? [])
  const snapshots = files.filter(({ role }) => role === 'snapshot').map(({ version }) => version)
  const kept = inForceSince(snapshots, snapshot.signed.version, Math.floor(now / 1000) - graceSeconds)
  const [metadata, targets] = await namedBy(refs, kept)
  const unwanted = files.filter(({ role, name }) => role !== 'root' && !metadata.has(name))
  const refsToRemove = [
    ...unwanted.map(({ name }) => departuresRef.metadata(name)),
    ...(await refsBelow(refs, 'departures/targets')).filter(ref => !targets.has(ref)),
  ]
  for (const ref of refsToRemove) await refs.remove(ref)
  return refsToRemove.length
}

function versioned(name: string): { name: string; version: number; role: string } | undefined {
  const [, version, role] = /^([1-9]\d*)\.(.+)\.json$/.exec(name) ?? []
  return role === undefined ? undefined : { name, version: Number(version), role }
}

/** A snapshot's version tells when it came into force, the next one's when it went out of it; later ones than the current were never in force. */
function inForceSince(versions: readonly number[], current: number, since: number): number[] {
  const sorted = versions.filter(version => version <= current).sort((a, b) => a - b)
  return sorted.filter((_, index) => (sorted[index + 1] ?? Number.POSITIVE_INFINITY) > since)
}

/** Names of metadata, and refs of targets, that these snapshots lead to. What cannot be read leads nowhere. */
async function namedBy(refs: Refs, snapshots: readonly number[]): Promise<[Set<string>, Set<string>]> {
  const metadata = new Set(snapshots.map(version => `${version}.snapshot.json`))
  const targets = new Set<string>()
  for (const name of [...metadata]) {
    const snapshot = await readIfWhole<SnapshotSigned>(refs, name)
    for (const [file, { version }] of Object.entries(snapshot?.meta ?? {})) metadata.add(`${version}.${file}`)
  }
  for (const name of metadata) {
    if (name.endsWith('.snapshot.json')) continue
    const role = await readIfWhole<TargetsSigned>(refs, name)
    for (const [path, facts] of Object.entries(role?.targets ?? {}))
      targets.add(departuresRef.target(path, facts))
  }
  return [metadata, targets]
}

async function readIfWhole<S>(refs: Refs, name: string): Promise<S | undefined> {
  const text = await refs.read(departuresRef.metadata(name))
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Metadata & { signed: S }).signed
  } catch {
    return undefined
  }
}

async function refsBelow(refs: Refs, directory: string): Promise<string[]> {
  const found: string[] = []
  for (const name of await refs.list(directory)) {
    const ref = `${directory}/${name}`
    if (name.endsWith('.json')) found.push(ref)
    else found.push(...(await refsBelow(refs, ref)))
  }
  return found
}
