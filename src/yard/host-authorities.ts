import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson, type Timestamp, timestampOf, YardError } from '../model/index.ts'
import type { Locks, Refs } from '../store/index.ts'
import { type Authority, authorityFile, keepAuthority, readAuthorities } from '../trust/index.ts'

const authoritiesLock = '.host-authorities'
const waitMilliseconds = 30_000

/** How long they are relied on: another process may make a younger one, years apart. In milliseconds. */
const rereadAfter = 60_000

/** Which CAs there are, so that one that was lost is missed and not made anew in silence. */
const authoritiesRef = 'host-authorities.json'

interface KnownAuthorities {
  version: 1
  /** Serial number -> expiry. */
  authorities: { [serial: string]: Timestamp }
}

export interface HostAuthoritiesContext {
  /** Of their files. */
  directory: string
  refs: Refs
  locks: Locks
  /** Milliseconds since the epoch. */
  now(): number
}

/**
 * The CAs for hosts, by age. The first one is made when somebody asks, and a successor for one that is about to expire.
 * @throws (every call) YardError `damaged` when one is missing by which hosts may be known; `configuration` when others can read one.
 */
export function createHostAuthorities(context: HostAuthoritiesContext): () => Promise<readonly Authority[]> {
  let known: { at: number; authorities: Promise<readonly Authority[]> } | undefined
  return () => {
    const at = context.now()
    if (known !== undefined && Math.abs(at - known.at) < rereadAfter) return known.authorities
    const authorities = keptAuthorities(context, at)
    known = { at, authorities }
    authorities.catch(() => {
      known = undefined
    })
    return authorities
  }
}

async function keptAuthorities(
  { directory, refs, locks }: HostAuthoritiesContext,
  now: number,
): Promise<readonly Authority[]> {
  const lock = await locks.acquire(authoritiesLock, waitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', 'another process is making the CA for hosts; nothing was changed', {
      hint: 'try again in a moment',
    })
  try {
    const text = await refs.read(authoritiesRef)
    const before = knownIn(text, now)
    refuseMissing(directory, before)
    await keepAuthority(directory, now)
    const authorities = await readAuthorities(directory, now)
    const next = textOf(before, authorities)
    if (next !== text) await refs.write(authoritiesRef, next)
    return authorities
  } finally {
    lock.release()
  }
}

function refuseMissing(directory: string, known: KnownAuthorities['authorities']): void {
  const missing = Object.keys(known).find(serial => !existsSync(join(directory, authorityFile(serial))))
  if (missing === undefined) return
  throw new YardError(
    'damaged',
    `the CA ${missing}, by which hosts are known, is missing in keys/hosts; no other was made`,
    {
      hint: `restore keys/hosts from a backup; without one, remove refs/${authoritiesRef}: then a new CA is made, and every host has to enrol again`,
    },
  )
}

/** Those that have not expired. What cannot be read is written anew: the files themselves are what counts. */
function knownIn(text: string | undefined, now: number): KnownAuthorities['authorities'] {
  try {
    const { authorities } = JSON.parse(text ?? '{}') as Partial<KnownAuthorities>
    return Object.fromEntries(
      Object.entries(authorities ?? {}).filter(([, expires]) => expires > timestampOf(now)),
    )
  } catch {
    return {}
  }
}

function textOf(before: KnownAuthorities['authorities'], found: readonly Authority[]): string {
  const authorities = {
    ...before,
    ...Object.fromEntries(found.map(({ serial, expires }) => [serial, timestampOf(expires)])),
  }
  return `${canonicalJson({ version: 1, authorities } satisfies KnownAuthorities)}\n`
}
