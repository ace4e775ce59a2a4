import type {
  MirrorConfiguration,
  RepositoryConfiguration,
  UploadsConfiguration,
} from '../../config/index.ts'
import { type Name, trustOf } from '../../model/index.ts'
import { verifiesPackages } from '../accept-package.ts'
import type { RepositoryContext } from '../context.ts'
import { type ContentView, type Standing, standing } from './standing.ts'

/**
 * The armoured keys that verify what a view serves: ours where it is sealed, those of ours that signed it for a dated
 * snapshot of metadata that we wrote, upstream's for a dated mirror; undefined where the operator trusts it unverified.
 */
export async function keysFor(
  context: RepositoryContext,
  repository: Name,
  view: ContentView,
): Promise<string | undefined> {
  const at = await standing(context, repository, view)
  const { repositories } = context.configuration
  const configuration = repositories.get(at?.record.repository ?? repository)
  // What a train derives from a repository has no configuration of its own.
  if (configuration?.kind !== 'mirror')
    return keysOfOurs(context, at, configuration ?? repositories.get(repository))
  if (isSealed(at)) return context.publicKeys(await keysOfSeal(context, at))
  return (await context.keyring(configuration))?.armoured()
}

/** Our own, and for dnf, which verifies packages one by one, also those of everybody whose packages these are. */
async function keysOfOurs(
  context: RepositoryContext,
  at: Standing | undefined,
  repository: RepositoryConfiguration | undefined,
): Promise<string> {
  const keys = [await context.publicKeys(await metadataSigners(context, at))]
  if (at?.record.format === 'dnf' && repository !== undefined)
    keys.push(...(await packageKeys(context, repository)))
  return [...new Set(keys)].join('\n')
}

/**
 * Who signed the metadata of ours that a view serves; undefined: whoever signs now, as what is sealed for apt. dnf follows
 * what moves as its snapshots were signed, so it gets the keys that sign now for the next one.
 */
async function metadataSigners(
  context: RepositoryContext,
  at: Standing | undefined,
): Promise<string[] | undefined> {
  const signed =
    at === undefined || at.record.kind === 'mirror'
      ? []
      : trustOf(at.record).flatMap(trust => (trust.kind === 'keys' ? trust.fingerprints : []))
  if (isSealed(at)) return keysOfSeal(context, at)
  if (signed.length === 0) return undefined
  if (at?.moving === undefined) return signed
  return [...signed, ...(await signersNow(context))]
}

/** Who sealed what is served, and who will the next time; undefined: they are the same, as `latest` is sealed anew at once. */
async function keysOfSeal(
  context: RepositoryContext,
  at: Standing | undefined,
): Promise<string[] | undefined> {
  const keys = at?.moving?.keys
  return keys && [...keys, ...(await signersNow(context))]
}

async function signersNow(context: RepositoryContext): Promise<string[]> {
  return (await context.signers()).map(key => key.fingerprint)
}

function isSealed(at: Standing | undefined): boolean {
  return at?.moving !== undefined && Object.keys(at.moving.sealed).length > 0
}

/** Whether the keys of a repository have signed every package of it. */
export function packagesSigned(context: RepositoryContext, name: Name): boolean {
  return signersOf(context, name) !== undefined
}

/** Whether any of the repositories that a repository's packages come from wants them signed. */
export function verifiesAny(context: RepositoryContext, name: Name): boolean {
  const repository = context.configuration.repositories.get(name)
  if (repository?.kind === 'compose') return repository.from.some(input => verifiesAny(context, input))
  return repository !== undefined && verifiesPackages(repository, '.rpm')
}

/** The repositories that a repository's packages come from, when each of them wants every package signed. */
export function signersOf(
  context: RepositoryContext,
  name: Name,
): (MirrorConfiguration | UploadsConfiguration)[] | undefined {
  const repository = context.configuration.repositories.get(name)
  if (repository === undefined) return undefined
  if (repository.kind !== 'compose') return verifiesPackages(repository, '.rpm') ? [repository] : undefined
  const signers: (MirrorConfiguration | UploadsConfiguration)[] = []
  for (const input of repository.from) {
    const theirs = signersOf(context, input)
    if (theirs === undefined) return undefined
    signers.push(...theirs)
  }
  return signers
}

async function packageKeys(
  context: RepositoryContext,
  repository: RepositoryConfiguration,
): Promise<string[]> {
  if (repository.kind !== 'compose') {
    const keyring = await context.keyring(repository)
    return keyring === undefined ? [] : [keyring.armoured()]
  }
  const keys: string[] = []
  for (const name of repository.from) {
    const input = context.configuration.repositories.get(name)
    if (input !== undefined) keys.push(...(await packageKeys(context, input)))
  }
  return keys
}
