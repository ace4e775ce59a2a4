import type { MirrorConfiguration, UploadsConfiguration } from '../config/index.ts'
import { readRpm, signaturesOf } from '../formats/index.ts'
import { type ByteString, type Digest, isYardError, messageOf, YardError } from '../model/index.ts'
import { type Keyring, verifyDetached } from '../trust/index.ts'
import type { RepositoryContext } from './context.ts'

/** Digests that prove something. */
const strong = new Set(['sha256', 'sha384', 'sha512', 'sha3-256', 'sha3-512'])

/** Whether a repository's packages count only when keys that it names have signed each of them. */
export function verifiesPackages(
  repository: MirrorConfiguration | UploadsConfiguration,
  path: ByteString,
): boolean {
  if (!path.endsWith('.rpm')) return false
  if (repository.kind === 'uploads') return repository.keyring !== undefined
  return repository.upstream.format === 'dnf' && repository.upstream.verify === 'packages'
}

/** What this process has verified already: a blob never changes, and neither does a keyring while it is open. */
const accepted = new WeakMap<Keyring, Set<Digest>>()

/**
 * Verifies an RPM package that is in the store as `rpmkeys -K` would: a key of the repository's keyring has signed its header,
 * and the header's digest of the payload, SHA-256 or stronger, is that of the payload.
 * @throws YardError `untrusted` naming package and keyring, and what is wrong with each signature; `invalid` for what is no package.
 */
export async function acceptPackage(
  context: RepositoryContext,
  repository: MirrorConfiguration | UploadsConfiguration,
  path: ByteString,
  digest: Digest,
): Promise<void> {
  const keyring = (await context.keyring(repository))!
  const known = accepted.get(keyring) ?? new Set<Digest>()
  accepted.set(keyring, known)
  if (known.has(digest)) return
  const object = `${repository.name}: ${path}`
  const file = await readRpm(context.blobs.open(digest), object, { payload: true })
  const signatures = signaturesOf(file, object).filter(({ covers }) => covers === 'header')
  const reasons: string[] = []
  for (const { packet } of signatures)
    try {
      await verifyDetached(file.headerBytes, packet, keyring, { now: context.now(), object })
      if (!file.verified!.payload.some(algorithm => strong.has(algorithm)))
        throw refused(object, 'its signed header has no strong digest of the payload')
      known.add(digest)
      return
    } catch (error) {
      if (!isYardError(error, 'untrusted')) throw error
      reasons.push(messageOf(error))
    }
  throw refused(object, reasons.length === 0 ? 'its header is not signed' : reasons.join('; '))
}

function refused(object: string, why: string): YardError {
  return new YardError('untrusted', `${object} is not served: ${why}`, {
    hint: 'add the key that signs these packages to the keyring, if you trust it',
  })
}
