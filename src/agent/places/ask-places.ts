import type { Name } from '../../model/index.ts'
import { isYardError } from '../../model/index.ts'
import { type Advance, advance, type Clock, type Source, type Trusted } from '../../trust/pure.ts'
import type { PlaceFinding } from '../memory.ts'

export interface AskedPlace {
  url: string
  source: Source
}

/**
 * Asks every place, each from where the one before brought us, so that the newest valid statements win, wherever they are.
 * @param atEnrolment from which is begun again when what was kept turns out to be unreadable.
 */
export async function askPlaces(
  places: readonly AskedPlace[],
  kept: Trusted,
  atEnrolment: Trusted,
  question: { train: Name; channel: Name; clock: Clock },
): Promise<{ trusted: Trusted; findings: PlaceFinding[] }> {
  let trusted = kept
  const shown: { url: string; advance: Advance }[] = []
  for (const { url, source } of places) {
    const result = await advance(trusted, source, question).catch((error: unknown) => {
      if (isYardError(error, 'damaged') && trusted === kept) return advance(atEnrolment, source, question)
      throw error
    })
    shown.push({ url, advance: result })
    trusted = result.trusted
  }
  const newest = trusted.standing?.timestamp
  const isCurrent = ({ suspicion, trusted }: Advance) =>
    suspicion === undefined && trusted.standing?.timestamp === newest
  const anyCurrent = shown.some(({ advance }) => isCurrent(advance))
  const findings = shown.map(({ url, advance }) => ({ url, ...findingOf(advance) }))
  return { trusted, findings }

  function findingOf(advance: Advance): Omit<PlaceFinding, 'url'> {
    if (isCurrent(advance)) return { finding: 'current' }
    const { suspicion } = advance
    if (suspicion === undefined) return { finding: 'behind' }
    // Where another place has the newest statements, an older timestamp is what a mirror shows that was not copied to yet.
    const lags = suspicion.suspicion === 'rollback' && suspicion.object === 'metadata/timestamp.json'
    if (lags && anyCurrent) return { finding: 'behind' }
    return { finding: suspicion.suspicion, sentence: suspicion.message }
  }
}
