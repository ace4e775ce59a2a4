import { isTimestamp, millisecondsOf, type Timestamp, YardError } from '../model/index.ts'
import { type RepositoryContext, type Signed, signedBytes, signingDate } from '../repository/index.ts'
import { parseKeyring, signDetached, verifyDetached } from '../trust/index.ts'

type Signing = Pick<RepositoryContext, 'signers'>
type Verifying = Pick<RepositoryContext, 'publicKeys' | 'now'>

/** A record signed by the keys that sign now, as of `at`. */
export async function signRecord<T extends object>(
  context: Signing,
  record: T,
  at: Timestamp,
): Promise<Signed<T>> {
  const signers = await context.signers()
  const date = signingDate(signers, millisecondsOf(at))
  const signature = await signDetached(signedBytes(record), signers, date)
  return { version: 1, record, signature: signature.toString(), keys: signers.map(key => key.fingerprint) }
}

/**
 * Verifies that the yard, with keys of now or before, signed a record, of which nothing may be believed until then. `momentOf`
 * tells when that was; `name`: what it is, for the message.
 * @throws YardError `untrusted` when it did not; `not-found` when it never had such a key.
 */
export async function verifyRecord<T extends object>(
  context: Verifying,
  signed: Signed<T>,
  momentOf: (record: T) => Timestamp,
  name: string,
): Promise<T> {
  const { record, signature, keys } = signed
  const at = isSigned(signed) ? momentOf(record) : undefined
  if (typeof at !== 'string' || !isTimestamp(at))
    throw new YardError('untrusted', `${name} does not look like a signed record`)
  const keyring = parseKeyring(Buffer.from(await context.publicKeys(keys)), `the keys of ${name}`)
  await verifyDetached(signedBytes(record), Buffer.from(signature), keyring, {
    // A clock that went back must not make a key one from the future.
    now: Math.max(context.now(), millisecondsOf(at)),
    object: name,
  })
  return record
}

/** Whoever changed it may have made anything of it. */
function isSigned({ record, signature, keys }: Signed<object>): boolean {
  return (
    typeof record === 'object' &&
    record !== null &&
    typeof signature === 'string' &&
    Array.isArray(keys) &&
    keys.every(key => typeof key === 'string')
  )
}
