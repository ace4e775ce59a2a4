import { YardError } from '../model/index.ts'
import type { Locks } from '../store/index.ts'
import { type Authority, keepAuthority, readAuthorities } from '../trust/index.ts'

const authoritiesLock = '.host-authorities'
const waitMilliseconds = 30_000

/** How long they are relied on: another process may make a younger one, years apart. In milliseconds. */
const rereadAfter = 60_000

/**
 * The CAs for hosts in a directory, by age. The first one is made when somebody asks, and a successor for one that is about to
 * expire.
 */
export function createHostAuthorities(
  directory: string,
  locks: Locks,
  now: () => number,
): () => Promise<readonly Authority[]> {
  let known: { at: number; authorities: Promise<readonly Authority[]> } | undefined
  return () => {
    const at = now()
    if (known !== undefined && Math.abs(at - known.at) < rereadAfter) return known.authorities
    const authorities = keptAuthorities(directory, locks, at)
    known = { at, authorities }
    authorities.catch(() => {
      known = undefined
    })
    return authorities
  }
}

async function keptAuthorities(directory: string, locks: Locks, now: number): Promise<readonly Authority[]> {
  const lock = await locks.acquire(authoritiesLock, waitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', 'another process is making the CA for hosts; nothing was changed', {
      hint: 'try again in a moment',
    })
  try {
    await keepAuthority(directory, now)
    return await readAuthorities(directory, now)
  } finally {
    lock.release()
  }
}
