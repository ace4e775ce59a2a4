import { YardError } from '../../model/index.ts'
import { caps, guardMetadata, type RoleType } from '../statements/verify/metadata-guard.ts'
import { Suspicion } from '../statements/verify/suspicion.ts'

/**
 * What is to be written is within what hosts take.
 * @param object the file, for messages.
 * @throws YardError `invalid` when it is not, with what to do.
 */
export function checkBounds(object: string, type: RoleType | 'statement', text: string): void {
  const bytes = Buffer.from(text)
  if (bytes.length > caps[type])
    throw tooMuch(object, `it would have ${bytes.length} bytes, of ${caps[type]} at most`)
  if (type === 'statement') return
  try {
    guardMetadata(object, type, bytes)
  } catch (error) {
    if (error instanceof Suspicion) throw tooMuch(object, error.why, error)
    throw error
  }
}

function tooMuch(object: string, why: string, cause?: unknown): YardError {
  return new YardError('invalid', `${object} would be refused by hosts: ${why}; nothing was changed`, {
    hint: 'remove releases and channels that no host needs; those that were removed before are forgotten when the online key is replaced: switchyard trust keys rotate',
    cause,
  })
}
