import type { ChannelConfiguration, TrainConfiguration } from '../config/index.ts'
import {
  type ChannelRecord,
  type EvidenceRecord,
  isYardError,
  type Json,
  type Name,
  type ReleaseRecord,
  type SnapshotRecord,
  timestampOf,
} from '../model/index.ts'
import { findSnapshot } from '../repository/index.ts'
import { audit } from './audit.ts'
import type { TrainContext } from './context.ts'
import { countsAgain, labelOf, type Question } from './evidence.ts'
import { findEvidence, keepEvidence, signEvidence } from './evidence-files.ts'
import { complete } from './gates/complete.ts'
import type { Gate, GateSubject } from './gates/gate.ts'
import { gates } from './gates/index.ts'
import { type GateRun, judgeGate } from './judge-gate.ts'
import { findRelease } from './release-reference.ts'

/** A release at the door of a channel. */
export interface Candidate {
  train: TrainConfiguration
  channel: ChannelConfiguration
  release: ReleaseRecord
  /** Where the channel stands; undefined: it has never been moved. */
  current: ChannelRecord | undefined
}

export interface JudgeOptions {
  /** Have every gate judge anew, whatever is kept. */
  anew?: boolean
  /** Told of each verdict as it comes. */
  onVerdict?: ((verdict: Verdict) => void) | undefined
  signal?: AbortSignal | undefined
}

/** What a gate says of a release. */
export interface Verdict {
  /** `command`, or `command-2` for the second one of that name. */
  label: string
  evidence: EvidenceRecord
  /** `kept`: it was found before, and nothing that it rests on has changed. */
  from: 'now' | 'kept'
}

/** What the gates of a channel are called, in their order. */
export function labelsOf(channel: ChannelConfiguration): string[] {
  return askedOf(channel).map(({ gate, turn }) => labelOf({ gate: gate.name, turn }))
}

/** Whether a release is complete is always asked: as its train says, unless the channel does. */
function askedOf({ gates: declared }: ChannelConfiguration): Asked[] {
  const always = declared.some(({ gate }) => gate === complete.name)
    ? []
    : [{ gate: complete.name, options: complete.bare }]
  const turns = new Map<string, number>()
  return [...always, ...declared].map(({ gate, options }) => {
    const turn = (turns.get(gate) ?? 0) + 1
    turns.set(gate, turn)
    return { gate: gates[gate]!, turn, options: options as never }
  })
}

/** A gate as a channel asks it; `turn`: which one of that name. */
interface Asked {
  gate: Gate<never>
  turn: number
  options: never
}

/**
 * Has all gates of a channel judge a release side by side; each leaves its evidence, and evidence that still counts is not
 * sought again. None of them ends the others. Verdicts come in the order of the gates.
 * @throws YardError `cancelled`; `damaged` or `not-found` when the release, or the one that the channel is at, is not whole.
 */
export async function judgeRelease(
  context: TrainContext,
  candidate: Candidate,
  options: JudgeOptions = {},
): Promise<Verdict[]> {
  // What became of blobs until now counts. Opening the catalog may want the lock that evidence is kept under.
  await context.settleBlobStates()
  await context.catalog()
  const subject = await subjectOf(context, candidate)
  const asked = askedOf(candidate.channel)
  const keeping = oneAfterAnother()
  const verdicts = await Promise.allSettled(
    asked.map(async ({ gate, turn, options: gateOptions }): Promise<Verdict> => {
      const question = questionOf(candidate, gate.name, turn, gateOptions)
      const kept = options.anew === true ? undefined : await keptAnswer(context, gate, gateOptions, question)
      if (kept !== undefined) return told({ label: labelOf(kept), evidence: kept, from: 'kept' })
      const begun = timestampOf(context.now())
      const run = await judgeGate(gate, gateOptions, subject, options.signal)
      const found = { ...question, ...foundBy(run), begun, who: context.actor.who }
      const signed = await signEvidence(context, { version: 1, ...found }, logOf(run))
      const evidence = await keeping(() => keepEvidence(context, signed))
      return told({ label: labelOf(evidence), evidence, from: 'now' })
    }),
  )
  const failed = verdicts.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
  const all = verdicts.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
  await auditVerdicts(context, candidate, all)
  return all

  function told(verdict: Verdict): Verdict {
    options.onVerdict?.(verdict)
    return verdict
  }
}

async function subjectOf(
  context: TrainContext,
  { train, channel, release, current }: Candidate,
): Promise<Omit<GateSubject, 'log' | 'signal'>> {
  const before = current && (await findRelease(context, `${train.name}@${current.release}`))
  return {
    context,
    train,
    channel,
    release,
    snapshots: await snapshotsOf(context, release),
    current: before && {
      channel: current!,
      release: before,
      snapshots: await snapshotsOf(context, before),
    },
    urlOf: context.urlOf,
  }
}

async function snapshotsOf(
  context: TrainContext,
  { snapshots }: ReleaseRecord,
): Promise<Map<Name, SnapshotRecord>> {
  const found = new Map<Name, SnapshotRecord>()
  for (const [name, { repository, timestamp }] of Object.entries(snapshots))
    found.set(name as Name, await findSnapshot(context, `${repository}@${timestamp}`))
  return found
}

function questionOf(
  { train, channel, release, current }: Candidate,
  gate: string,
  turn: number,
  options: Json,
): Question {
  const against = current === undefined ? {} : { against: current.release }
  return {
    train: train.name,
    release: release.timestamp,
    channel: channel.name,
    gate,
    turn,
    options,
    ...against,
  }
}

/** Evidence that cannot be believed is as good as none. */
async function keptAnswer(
  context: TrainContext,
  gate: Gate<never>,
  options: never,
  question: Question,
): Promise<EvidenceRecord | undefined> {
  try {
    const kept = await findEvidence(context, question)
    const seconds = gate.countsForSeconds?.(options) ?? Number.POSITIVE_INFINITY
    return kept !== undefined && countsAgain(kept, question, seconds, context.now()) ? kept : undefined
  } catch (error) {
    if (isYardError(error, 'damaged')) return undefined
    throw error
  }
}

/** So many findings stand in the evidence itself. */
const mostFindings = 100
/** And so many in its log. */
const mostLoggedFindings = 20_000
const longestLine = 2000

function foundBy({ judgement, milliseconds }: GateRun) {
  const { passed, summary, findings, remedy, inputs } = judgement
  return {
    passed,
    summary: summary.slice(0, longestLine),
    findings: findings.slice(0, mostFindings).map(line => line.slice(0, longestLine)),
    findingCount: findings.length,
    inputs: inputs ?? null,
    ...(remedy === undefined ? {} : { remedy: remedy.slice(0, longestLine) }),
    milliseconds: Math.round(milliseconds),
  }
}

/** What a gate wrote, and all that it found where that is more than the evidence itself holds. */
function logOf({ log, judgement: { findings } }: GateRun): string {
  if (findings.length <= mostFindings) return log
  const lines = findings.slice(0, mostLoggedFindings).map(line => line.slice(0, longestLine))
  const missing = findings.length - lines.length
  return `${log}${lines.join('\n')}\n${missing === 0 ? '' : `... ${missing} more are left out here ...\n`}`
}

/** Locks are not fair: who waits for another of us waits here, not for the disk. */
function oneAfterAnother(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }
}

async function auditVerdicts(
  context: TrainContext,
  { train, channel, release }: Candidate,
  verdicts: Verdict[],
): Promise<void> {
  const judged = verdicts.filter(({ from }) => from === 'now')
  if (judged.length === 0) return
  await audit(context, {
    verb: 'gate',
    subject: `${train.name}@${release.timestamp}`,
    detail: {
      channel: channel.name,
      verdicts: Object.fromEntries(
        judged.map(({ label, evidence }) => [label, evidence.passed ? 'passed' : 'refused']),
      ),
    },
  })
}
