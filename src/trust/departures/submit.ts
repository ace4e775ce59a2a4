import { isDeepStrictEqual } from 'node:util'
import { YardError } from '../../model/index.ts'
import { noChange } from './change.ts'
import {
  goodSignatures,
  isSatisfied,
  type Metadata,
  type RoleTrust,
  type RootSigned,
  textOfMetadata,
  trustOf,
} from './metadata.ts'
import type { Published } from './published.ts'
import { draftFor, type Outcome, type Situation, settle } from './settle.ts'
import type { Waiting } from './staged.ts'

/** See Statements.submit. */
export async function submit(situation: Situation, submitted: unknown): Promise<Outcome> {
  const metadata = checkedShape(submitted)
  const waiting = situation.staging.waiting.filter(one => filesOf(one).some(isSameAs(metadata)))
  if (waiting.length > 0 && Date.parse(metadata.signed.expires) <= situation.now) throw expired(metadata)
  const signed: Waiting[] = []
  for (const one of waiting) {
    const keys = (await trustsOf(situation, one, metadata)).flatMap(trust => trust.keys)
    const added = goodSignatures(metadata, keys)
    if (added.length > 0) signed.push(withSignatures(one, metadata, added))
  }
  // Two roles that say nothing yet may look the same: the one is meant that has not got the signature.
  const isNew = (one: Waiting) => !waiting.some(before => isDeepStrictEqual(before, one))
  const meant = signed.find(isNew) ?? signed[0]
  if (meant !== undefined) return settle(situation, meant)
  if (waiting.length > 0) throw untrusted()
  return (await isPublished(situation.published, metadata)) ? {} : adopt(situation, metadata)
}

/** Somebody signed what others had signed enough. */
async function isPublished(published: Published, metadata: Metadata): Promise<boolean> {
  const { root, targets, snapshot } = published
  if (isSameAs(metadata)(root)) return true
  for (const name of ['targets', ...(targets?.signed.delegations?.roles ?? []).map(role => role.name)]) {
    if (snapshot?.signed.meta[`${name}.json`]?.version !== metadata.signed.version) continue
    const file = await published.role(name)
    if (file !== undefined && isSameAs(metadata)(file)) return true
  }
  return false
}

/** Every key that may sign the file in question: of a new root the old keys and the new ones. */
async function trustsOf(situation: Situation, waiting: Waiting, metadata: Metadata): Promise<RoleTrust[]> {
  const matches = isSameAs(metadata)
  const { root } = waiting
  if (root !== undefined && matches(root))
    return [situation.published.root.signed, root.signed].map(({ roles, keys }) => trustOf(roles.root, keys))
  const draft = await draftFor(situation, waiting)
  return [...draft.files.values()].filter(one => matches(one.metadata)).map(({ trust }) => trust)
}

function withSignatures(waiting: Waiting, metadata: Metadata, added: Metadata['signatures']): Waiting {
  const matches = isSameAs(metadata)
  const signed = <T extends Metadata>(one: T): T => {
    if (!matches(one)) return one
    const others = one.signatures.filter(({ keyid }) => !added.some(other => other.keyid === keyid))
    return { ...one, signatures: [...others, ...added] }
  }
  const files = Object.entries(waiting.files).map(([role, one]) => [role, signed(one)])
  const { root } = waiting
  return {
    ...waiting,
    ...(root === undefined ? {} : { root: signed(root) }),
    files: Object.fromEntries(files) as Waiting['files'],
  }
}

/**
 * The root after ours, published before and lost here since (a backup was restored): it proves itself as it does to hosts (5.3), and
 * what the old keys had signed is to be signed by its keys.
 */
async function adopt(situation: Situation, metadata: Metadata): Promise<Outcome> {
  const { published, staging } = situation
  if (!isNextRoot(metadata, published)) throw notStaged(metadata, published)
  // The keys in force come first: what they did not sign may have any shape.
  const roots = [published.root.signed, metadata.signed]
  if (!roots.every(one => isSatisfied(trustOf(one.roles.root, one.keys), metadata))) throw untrusted()
  const keys = roots.flatMap(one => trustOf(one.roles.root, one.keys).keys)
  const root = { ...metadata, signatures: goodSignatures(metadata, keys) }
  return settle(situation, { id: staging.next, change: noChange, root, files: {} })
}

function isNextRoot(metadata: Metadata, published: Published): metadata is Metadata<RootSigned> {
  const { signed } = metadata
  return signed._type === 'root' && signed.version === published.root.signed.version + 1
}

function notStaged({ signed }: Metadata, { root }: Published): YardError {
  const why =
    signed._type === 'root'
      ? `it is root ${signed.version}, and the next one is ${root.signed.version + 1}`
      : 'nothing that is staged says what was signed'
  return new YardError('not-found', `${why}; nothing was changed`, {
    hint: 'it may have been published, or replaced by a later change: see `switchyard trust staged`, and sign what it shows',
  })
}

function expired({ signed }: Metadata): YardError {
  return new YardError(
    'stale',
    `what was signed expired on ${signed.expires} while it waited; nothing was changed`,
    {
      hint: '`switchyard trust refresh` states it anew; sign that',
    },
  )
}

function untrusted(): YardError {
  return new YardError(
    'untrusted',
    'too few of its signatures are of keys that may sign it; nothing was changed',
    { hint: 'see `switchyard trust staged` for the keys that may' },
  )
}

function filesOf({ root, files }: Waiting): Metadata[] {
  return [...(root === undefined ? [] : [root]), ...Object.values(files)]
}

/** Whether metadata says the same, whoever signed it. */
function isSameAs(metadata: Metadata): (one: Metadata) => boolean {
  const bytes = textOfMetadata({ ...metadata, signatures: [] })
  return one => textOfMetadata({ ...one, signatures: [] }) === bytes
}

/** What is signed was staged by us, or is a root that proves itself: its own shape is asked nothing. @throws YardError `invalid`. */
function checkedShape(value: unknown): Metadata {
  const { signed, signatures } = (value ?? {}) as Partial<Metadata>
  const isOne =
    typeof signed === 'object' &&
    signed !== null &&
    Array.isArray(signatures) &&
    signatures.length <= maximumSignatures &&
    signatures.every(one => typeof one?.keyid === 'string' && typeof one.sig === 'string')
  if (isOne) return { signed, signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })) }
  throw new YardError('invalid', 'that is no signed metadata; nothing was changed', {
    hint: 'submit what `switchyard sign` wrote',
  })
}

const maximumSignatures = 64
