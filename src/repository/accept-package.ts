import type { MirrorConfiguration, UploadsConfiguration, Upstream } from '../config/index.ts'
import { type RpmFile, readRpm, signaturesOf } from '../formats/index.ts'
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
  return wantsSignedPackages(repository.upstream)
}

/** A keyring beside a metalink, which proves the metadata, is there for the packages. */
export function wantsSignedPackages(upstream: Upstream): boolean {
  if (upstream.format !== 'dnf') return false
  return upstream.verify === 'packages' || (upstream.verify === 'metalink' && upstream.keyring !== undefined)
}

/** Of a package of the time before header signatures sufficed, which is verified as a whole, in memory. */
const maxWholeBytes = 1024 ** 3

/** What this process has verified already: a blob never changes, and neither does a keyring while it is open. */
const accepted = new WeakMap<Keyring, Set<Digest>>()

/**
 * Verifies an RPM package that is in the store as `rpmkeys -K` would: a key of the repository's keyring has signed its header,
 * and the header's digest of the payload, SHA-256 or stronger, is that of the payload; or it has signed both, as before rpm 4.14.
 * @throws YardError `untrusted` naming package and keyring, and what is wrong with each signature, or why it is no package.
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
  const file = await readWhole(context, digest, object)
  const whole = () => bytesFrom(context, digest, file.headerStart, object)
  const fault = await faultOfSignature(file, keyring, context.now(), object, whole)
  if (fault !== undefined) throw refused(object, fault)
  known.add(digest)
}

/** @throws YardError `untrusted` for what is no package, or not the one that it says it is. */
async function readWhole(context: RepositoryContext, digest: Digest, object: string): Promise<RpmFile> {
  try {
    return await readRpm(context.blobs.open(digest), object, { payload: true })
  } catch (error) {
    if (isYardError(error, 'invalid')) throw refused(object, error.message)
    throw error
  }
}

/**
 * What keeps a package, read to the end of its payload, from being signed by a key of the keyring; undefined where one has
 * signed it. `now` in milliseconds since the epoch; `whole` reads header and payload, for signatures that cover both.
 */
export async function faultOfSignature(
  file: RpmFile,
  keyring: Keyring,
  now: number,
  object: string,
  whole?: () => Promise<Buffer>,
): Promise<string | undefined> {
  const hasDigest = file.verified!.payload.some(algorithm => strong.has(algorithm))
  const reasons: string[] = []
  for (const { packet, covers } of signaturesOf(file, object))
    try {
      if (covers === 'header-and-payload' && whole === undefined) continue
      const bytes = covers === 'header' ? file.headerBytes : await whole!()
      await verifyDetached(bytes, packet, keyring, { now, object })
      if (covers === 'header-and-payload' || hasDigest) return undefined
      reasons.push('its signed header has no strong digest of the payload')
    } catch (error) {
      if (!isYardError(error, 'untrusted')) throw error
      reasons.push(messageOf(error))
    }
  return reasons.length === 0 ? 'its header is not signed' : reasons.join('; ')
}

/**
 * The same where nobody knows any more which of several repositories a package came from.
 * @throws YardError `untrusted` when none of them accepts it.
 */
export async function acceptFromAny(
  context: RepositoryContext,
  repositories: readonly (MirrorConfiguration | UploadsConfiguration)[],
  path: ByteString,
  digest: Digest,
): Promise<void> {
  let failure: unknown
  for (const repository of repositories)
    try {
      await acceptPackage(context, repository, path, digest)
      return
    } catch (error) {
      if (!isYardError(error, 'untrusted')) throw error
      failure ??= error
    }
  if (failure !== undefined) throw failure
}

async function bytesFrom(
  context: RepositoryContext,
  digest: Digest,
  start: number,
  object: string,
): Promise<Buffer> {
  const end = (await context.blobs.size(digest))!
  if (end - start > maxWholeBytes)
    throw new YardError('untrusted', `${object}: a signature over ${end - start} bytes is not looked at`)
  const chunks: Uint8Array[] = []
  for await (const chunk of context.blobs.open(digest, { start, end })) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

function refused(object: string, why: string): YardError {
  return new YardError('untrusted', `${object} is not served: ${why}`, {
    hint: 'add the key that signs these packages to the keyring, if you trust it',
  })
}
