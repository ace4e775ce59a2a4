import { canonicalJson, type EvidenceRecord, millisecondsOf } from '../model/index.ts'

/** What a gate is asked: everything that evidence must agree with to count again. */
export type Question = Pick<
  EvidenceRecord,
  'train' | 'release' | 'channel' | 'gate' | 'turn' | 'options' | 'against'
>

/** What a gate is called among those of a channel: `command`, `command-2`. */
export function labelOf({ gate, turn }: Pick<EvidenceRecord, 'gate' | 'turn'>): string {
  return turn === 1 ? gate : `${gate}-${turn}`
}

/** Whether kept evidence answers a question: it must be about the same thing, have passed, and not be too old. */
export function countsAgain(
  evidence: EvidenceRecord,
  question: Question,
  countsForSeconds: number,
  now: number,
): boolean {
  if (!evidence.passed || countsForSeconds === 0 || !isAbout(evidence, question)) return false
  // Of a clock that went back nothing can be told but that time has not passed.
  return now - millisecondsOf(evidence.begun) < countsForSeconds * 1000
}

/** Whether it is what it should be by its place: nobody has put one release's evidence beside another. */
export function isOf(
  { train, release, channel, gate, turn }: EvidenceRecord,
  place: Omit<Question, 'options' | 'against'>,
): boolean {
  return (
    train === place.train &&
    release === place.release &&
    channel === place.channel &&
    gate === place.gate &&
    turn === place.turn
  )
}

function isAbout(evidence: EvidenceRecord, question: Question): boolean {
  return (
    isOf(evidence, question) &&
    evidence.against === question.against &&
    canonicalJson(evidence.options) === canonicalJson(question.options)
  )
}
