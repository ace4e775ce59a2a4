import { YardError } from '../model/index.ts'
import { splitClearSigned } from './openpgp/clear-text.ts'

const start = '-----BEGIN PGP SIGNED MESSAGE-----'

/**
 * The text of a document that was verified before, or that the operator trusts unverified: what `verifyClearSigned` would give for a
 * clear-signed one, for any other the document itself. Verifies nothing. `object` is for messages.
 * @throws YardError `invalid` when it begins like a clear-signed document and is none.
 */
export function textOf(document: Buffer, object: string): Buffer {
  if (document.toString('latin1', 0, start.length) !== start) return document
  const split = splitClearSigned(document)
  if (split.fault === undefined) return split.value.text
  throw new YardError('invalid', `${object} is not one whole signed message: ${split.fault}`, {
    hint: 'the file may be damaged; try again or try another mirror',
  })
}
