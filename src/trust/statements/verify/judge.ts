import { messageOf } from '../../../model/index.ts'
import type { Clock } from './clock.ts'
import type { RoleType } from './metadata-guard.ts'
import { Suspicion, type SuspicionName } from './suspicion.ts'

/** The library that holds the rules of the specification. It is loaded only where there is something to verify. */
export async function loadLibrary() {
  const [{ TrustedMetadataStore }, errors, models] = await Promise.all([
    import('tuf-js/dist/store.js'),
    import('tuf-js/dist/error.js'),
    import('@tufjs/models/dist/error.js'),
  ])
  return { TrustedMetadataStore, errors, models }
}
export type Library = Awaited<ReturnType<typeof loadLibrary>>

/** What is judged, and by which clock. */
export interface Case {
  object: string
  type: RoleType
  clock: Clock
}

/**
 * Runs one step of the library and names the attack that its refusal suggests.
 * @throws Suspicion
 */
export function judged<T>(library: Library, one: Case, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw new Suspicion(nameOf(library, error, one), one.object, messageOf(error), error)
  }
}

/** Its classes say which check failed; where one class serves two, its words do (the library is pinned). */
function nameOf({ errors, models }: Library, error: unknown, { type, clock }: Case): SuspicionName {
  const message = messageOf(error)
  if (error instanceof models.UnsignedMetadataError)
    return /signed by 0\//.test(message) ? 'arbitrary-software' : 'key-compromise'
  if (error instanceof models.LengthOrHashMismatchError) return 'mix-and-match'
  if (error instanceof errors.ExpiredMetadataError) return clock.synchronised ? 'freeze' : 'clock-suspect'
  if (error instanceof errors.BadVersionError) {
    if (/less than/.test(message)) return 'rollback'
    return type === 'root' ? 'fast-forward' : 'mix-and-match'
  }
  return error instanceof errors.RepositoryError && /^Missing file/.test(message) ? 'rollback' : 'damaged'
}
