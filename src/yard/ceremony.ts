import {
  type ChannelRecord,
  type Halt,
  haltConcerns,
  isYardError,
  timestampOf,
  YardError,
} from '../model/index.ts'
import { submit, type TrainContext } from '../train/index.ts'
import {
  addHalts,
  departuresRef,
  liftedIn,
  listHalts,
  type Published,
  parseRequest,
  requestOf,
  type SigningRequest,
} from '../trust/index.ts'
import { claimedHalt, type Envelope, readHalts } from '../trust/pure.ts'
import { recorded } from './recorded.ts'

/** What became of signatures, or halts, that somebody brought. */
export interface CeremonyReport {
  /** Halts that hosts are handed from now on and were not before. */
  halts: Halt[]
  /** Channels that they concern and do not bind, because later ones were lifted there. */
  unheard: string[]
  /** Version of the timestamp, where the signatures completed something and it was published. */
  published?: number
  /** The channels that moved with it. */
  moved: ChannelRecord[]
  /** Roles whose signatures are kept, and whose metadata still waits for others. */
  kept: string[]
  /** Roles whose signatures were of no use, and why. */
  refused: { role: string; why: string }[]
}

/** All that waits for people's signatures; undefined: nothing does. */
export async function requestSignatures({
  statements,
  refs,
}: Pick<TrainContext, 'statements' | 'refs'>): Promise<SigningRequest | undefined> {
  const published = await statements.published()
  const roots = published === undefined ? [] : await rootsBefore(refs, published)
  return requestOf(published, await statements.state(), await listHalts(refs), roots)
}

/** Every root that was ever published before this one, oldest first, as far back as there are no gaps. */
async function rootsBefore(refs: TrainContext['refs'], { root }: Published): Promise<Published['root'][]> {
  const roots: Published['root'][] = []
  for (let version = root.signed.version - 1; version > 0; version--) {
    const text = await refs.read(departuresRef.metadata(`${version}.root.json`))
    if (text === undefined) break
    roots.unshift(JSON.parse(text))
  }
  return roots
}

/** Forgets what waits. @throws YardError `not-found`. */
export async function withdraw(
  context: TrainContext,
  change: number,
  { why }: { why?: string | undefined } = {},
): Promise<void> {
  const mutation = { verb: 'withdraw', subject: `staged change ${change}`, why, detailOf: () => ({}) }
  await recorded(context, mutation, () => context.statements.withdraw(change))
}

/**
 * Takes in what `switchyard sign` or `switchyard stop --out` wrote. Twice the same changes nothing the second time.
 * @param text the file's.
 * @throws YardError `invalid` when it is neither; `untrusted`, `not-found` when no signature in it is of any use.
 */
export async function takeIn(
  context: TrainContext,
  text: string,
  options: { why?: string | undefined } = {},
): Promise<CeremonyReport> {
  const envelopes = readHalts(text)
  if (envelopes !== undefined) return takeHalts(context, envelopes, options.why)
  const metadata = metadataIn(text)
  return takeSignatures(
    context,
    metadata === undefined ? parseRequest(text, 'what was submitted').waiting : [metadata],
  )
}

/** A file of metadata by itself, such as a root out of a copy of what hosts are handed. */
function metadataIn(text: string): Signed | undefined {
  try {
    const metadata = JSON.parse(text) as { signed?: { _type?: unknown }; signatures?: unknown }
    if (metadata.signed === undefined || !Array.isArray(metadata.signatures)) return undefined
    return { role: String(metadata.signed._type), metadata: metadata as Signed['metadata'] }
  } catch {
    return undefined
  }
}

type Signed = Pick<SigningRequest['waiting'][number], 'role' | 'metadata'>

async function takeHalts(
  context: TrainContext,
  envelopes: readonly Envelope[],
  why: string | undefined,
): Promise<CeremonyReport> {
  const claimed = envelopes.flatMap(envelope => claimedHalt(envelope) ?? [])
  const subject = [...new Set(claimed.flatMap(({ scope }) => scope))].join(' ') || 'yard'
  const reasons = why ?? ([...new Set(claimed.map(halt => halt.why))].join('; ') || undefined)
  const detailOf = (halts: Halt[]) => ({ halts: halts.map(haltDetail) })
  const halts = await recorded(context, { verb: 'stop', subject, why: reasons, detailOf }, () =>
    addHalts(context, envelopes),
  )
  return { halts, unheard: await unheardOf(context, halts), moved: [], kept: [], refused: [] }
}

/** The channels that have lifted later halts, so that these do not bind them: whoever made them had a clock that was behind. */
async function unheardOf({ refs }: TrainContext, halts: readonly Halt[]): Promise<string[]> {
  const lifted = halts.length === 0 ? [] : await liftedIn(refs)
  return lifted
    .filter(({ train, channel, lifted }) =>
      halts.some(halt => halt.number <= lifted && haltConcerns(halt, train, channel)),
    )
    .map(({ train, channel }) => `${train}/${channel}`)
}

/** Writes into the audit log that somebody stopped channels. */
export async function auditHalt(context: TrainContext, halt: Halt): Promise<void> {
  const catalog = await context.catalog()
  const draft = { verb: 'stop', subject: halt.scope.join(' ') || 'yard', ...context.actor, why: halt.why }
  await catalog.appendAudit({ ...draft, detail: { halts: [haltDetail(halt)] } }, timestampOf(context.now()))
}

function haltDetail({ number, scope, who, why, at }: Halt) {
  return { number, scope, who, why, at }
}

async function takeSignatures(context: TrainContext, given: readonly Signed[]): Promise<CeremonyReport> {
  const report: CeremonyReport = { halts: [], unheard: [], moved: [], kept: [], refused: [] }
  const signed = given.filter(({ metadata }) => metadata.signatures.length > 0)
  const faults: YardError[] = []
  for (const { role, metadata } of signed) {
    try {
      const { published, staged, moved } = await submit(context, metadata)
      report.moved.push(...moved)
      if (published !== undefined) report.published = published.timestamp
      else if (staged !== undefined) report.kept.push(role)
    } catch (error) {
      if (!isYardError(error, 'untrusted', 'not-found', 'invalid')) throw error
      // What the last signature completed is published with all that belongs to it, and waits no more.
      if (report.published !== undefined && error.code === 'not-found') continue
      faults.push(error)
      report.refused.push({ role, why: error.message })
    }
  }
  if (report.published !== undefined) report.kept = []
  if (signed.length === 0)
    throw new YardError('untrusted', 'nothing in the request is signed; nothing was changed', {
      hint: 'sign it first: switchyard sign REQUEST --key FILE --out FILE',
    })
  if (faults.length === signed.length) throw faults[0]!
  return report
}
