import { type Departures, type Halt, haltConcerns, YardError } from '../../model/index.ts'
import type { Locks, Refs } from '../../store/index.ts'
import { newestRoot, readPublished } from '../departures/published.ts'
import type { Envelope } from '../statements/envelope.ts'
import {
  claimedHalt,
  type HaltTrust,
  haltsText,
  haltTrustOf,
  type OpenedHalt,
  openHalts,
  readHalts,
  withHalts,
} from '../statements/halts.ts'
import { readRole } from '../statements/layout.ts'
import { withRoom } from './room.ts'

export const haltRef = {
  latest: 'departures/halt/latest.json',
  numbered: (number: number) => `departures/halt/${number}.json`,
}

const haltLock = '.halts'
const waitMilliseconds = 10_000

/** The halts that hosts are handed, verified; newest first. None while the yard has no root. */
export async function listHalts(refs: Refs): Promise<OpenedHalt[]> {
  const text = await refs.read(haltRef.latest)
  const trust = await haltTrustIn(refs)
  return text === undefined || trust === undefined
    ? []
    : openHalts(text, { ...trust, object: haltRef.latest })
}

/** Who may stop the channels of this yard; undefined while it has no root. Of all its statements only root is asked: the others may be damaged. */
export async function haltTrustIn(refs: Refs): Promise<HaltTrust | undefined> {
  const root = await newestRoot(refs)
  return root && haltTrustOf(root.signed as unknown as { [field: string]: unknown })
}

/** Up to which number each channel has lifted halts. What of the statements cannot be read keeps nobody from stopping. */
export async function liftedIn(refs: Refs): Promise<Pick<Departures, 'train' | 'channel' | 'lifted'>[]> {
  const published = await readPublished(refs).catch(() => undefined)
  const lifted: Pick<Departures, 'train' | 'channel' | 'lifted'>[] = []
  for (const { name, paths } of published?.targets?.signed.delegations?.roles ?? []) {
    const role = readRole(name)
    if (role?.kind !== 'channel') continue
    const text = await published!.target(name, paths[0]!).catch(() => undefined)
    // What cannot be read counts as if it had lifted none: a halt is rather kept than lost.
    const { train, channel } = role
    lifted.push(text === undefined ? { train, channel, lifted: 0 } : (JSON.parse(text) as Departures))
  }
  return lifted
}

/**
 * Hands halts to hosts beside those that are there, one atomic write being the moment. Halts that a yard has already change nothing.
 * Asks no key and no database, and waits for no statement that is being signed.
 * @returns those that are new here.
 * @throws YardError `untrusted` when some have too few signatures: none is handed out then; `refused` when hosts could not read so many;
 *   `busy`.
 */
export async function addHalts(
  { refs, locks }: { refs: Refs; locks: Locks },
  envelopes: readonly Envelope[],
): Promise<Halt[]> {
  const lock = await locks.acquire(haltLock, waitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', 'somebody else is writing halts; nothing was changed', {
      hint: 'try again in a moment',
    })
  try {
    const trust = (await haltTrustIn(refs)) ?? { keys: [], threshold: 1 }
    const before = readHalts((await refs.read(haltRef.latest)) ?? '[]') ?? []
    const known = new Set(before.map(({ payload }) => payload))
    const fresh = envelopes.filter(({ payload }) => !known.has(payload))
    const opened = openHalts(haltsText(fresh), { ...trust, object: 'the halt' })
    if (opened.length < fresh.length) throw tooFewSignatures(fresh, trust)
    if (fresh.length > 0) {
      const lifted = await liftedIn(refs)
      const binding = before.filter(envelope => bindsSomebody(envelope, lifted))
      const latest = withRoom(withHalts(fresh, binding), trust)
      for (const { halt } of opened) await writeNumbered(refs, halt, fresh)
      await refs.write(haltRef.latest, haltsText(latest))
    }
    return opened.map(({ halt }) => halt)
  } finally {
    lock.release()
  }
}

/** Those that every channel has lifted make room; `NUMBER.json` keeps them. */
function bindsSomebody(envelope: Envelope, lifted: Awaited<ReturnType<typeof liftedIn>>): boolean {
  const halt = claimedHalt(envelope)
  if (halt === undefined) return false
  const concerned = lifted.filter(({ train, channel }) => haltConcerns(halt, train, channel))
  return concerned.length === 0 || concerned.some(({ lifted }) => lifted < halt.number)
}

/** Two that were made in one second, in two places, share a number and a file. */
async function writeNumbered(refs: Refs, { number }: Halt, fresh: readonly Envelope[]): Promise<void> {
  const same = fresh.filter(envelope => claimedHalt(envelope)?.number === number)
  const there = readHalts((await refs.read(haltRef.numbered(number))) ?? '[]') ?? []
  await refs.write(haltRef.numbered(number), haltsText(withHalts(same, there)))
}

function tooFewSignatures(envelopes: readonly Envelope[], { keys, threshold }: HaltTrust): YardError {
  const signers = [...new Set(envelopes.flatMap(({ signatures }) => signatures.map(({ keyid }) => keyid)))]
  const known = signers.filter(keyid => keys.some(key => key.keyid === keyid))
  return new YardError(
    'untrusted',
    `the halt has the signatures of ${known.length} of ${threshold} keys that may stop this yard's channels; nothing was stopped`,
    {
      hint:
        keys.length === 0
          ? 'the yard has no statements yet, so that no host follows it'
          : '`switchyard trust show` names the keys that may; `switchyard sign HALT --key FILE --out FILE` adds a signature',
    },
  )
}
