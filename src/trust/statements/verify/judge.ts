import type { RepositoryError } from 'tuf-js/dist/error.js'
import { messageOf } from '../../../model/index.ts'
import type { RoleType } from './metadata-guard.ts'
import { Suspicion, type SuspicionName } from './suspicion.ts'

/**
 * Runs one step of the library and names the attack that its refusal suggests.
 * @throws Suspicion
 */
export function judged<T>(
  step: () => T,
  { object, type, synchronised }: { object: string; type: RoleType; synchronised: boolean },
): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof Suspicion) throw error
    throw new Suspicion(nameOf(error as RepositoryError, type, synchronised), object, messageOf(error), error)
  }
}

/** By the class's name, since the library is loaded only where something has to be verified. */
function nameOf(error: RepositoryError, type: RoleType, synchronised: boolean): SuspicionName {
  const { message } = error
  switch (error.constructor.name) {
    case 'UnsignedMetadataError':
      return /signed by 0\//.test(message) ? 'arbitrary-software' : 'key-compromise'
    case 'ExpiredMetadataError':
      return synchronised ? 'freeze' : 'clock-suspect'
    case 'LengthOrHashMismatchError':
      return 'mix-and-match'
    case 'BadVersionError':
      return /less than/.test(message) ? 'rollback' : type === 'root' ? 'fast-forward' : 'mix-and-match'
    case 'RepositoryError':
      return /^Missing file/.test(message) ? 'rollback' : 'damaged'
    default:
      return 'damaged'
  }
}
