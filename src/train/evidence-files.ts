import {
  type ChannelReference,
  digestOf,
  type EvidenceRecord,
  messageOf,
  type Name,
  type ReleaseRecord,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import { besideRelease, listEvidence, readEvidence, type Signed, writeRecord } from '../repository/index.ts'
import type { TrainContext } from './context.ts'
import { isOf, labelOf } from './evidence.ts'
import { signRecord, verifyRecord } from './signed-record.ts'
import { underStoreLock } from './train-lock.ts'

/** What is kept of one gate's verdict, or why nothing of it can be believed. */
export type KeptEvidence =
  | { label: string; evidence: EvidenceRecord }
  | { label: string; channel: Name; problem: string }

/** A log is never larger; see `judgeGate` and `judgeRelease` for what is written into it. */
export const maxLogBytes = 64 * 1024 * 1024

/** Evidence that is signed, and the log that it names. */
export interface SignedEvidence {
  signed: Signed<EvidenceRecord>
  /** Undefined where there is nothing to keep. */
  log: Buffer | undefined
}

/** Signs evidence with the digest of its log; an empty log is none. */
export async function signEvidence(
  context: TrainContext,
  evidence: Omit<EvidenceRecord, 'log'>,
  text: string,
): Promise<SignedEvidence> {
  const log = text === '' ? undefined : Buffer.from(text)
  const named = log === undefined ? {} : { log: { sha256: digestOf(log), size: log.length } }
  return { signed: await signRecord(context, { ...evidence, ...named }, evidence.begun), log }
}

/** Keeps evidence, in front of what was kept of the same gate before, with its log as a blob. */
export async function keepEvidence(
  context: TrainContext,
  { signed, log }: SignedEvidence,
): Promise<EvidenceRecord> {
  const { train, release, channel, gate, turn } = signed.record
  await underStoreLock(context, `${train}@${release}`, async () => {
    if (log !== undefined) await context.blobs.put(log)
    await writeRecord(context.refs, besideRelease.evidence(train, release, channel, gate, turn), signed)
  })
  return signed.record
}

/**
 * The evidence that is kept of one gate; undefined when there is none.
 * @throws YardError `damaged` when it is not what this yard signed, or was another gate's.
 */
export async function findEvidence(
  context: TrainContext,
  place: Pick<EvidenceRecord, 'train' | 'release' | 'channel' | 'gate' | 'turn'>,
): Promise<EvidenceRecord | undefined> {
  const { train, release, channel, gate, turn } = place
  const signed = await readEvidence(context.refs, besideRelease.evidence(train, release, channel, gate, turn))
  if (signed === undefined) return undefined
  const name = `the evidence of ${labelOf(place)} on ${train}@${release} for ${train}/${channel}`
  try {
    const record = await verifyRecord(context, signed, ({ begun }) => begun, name)
    if (isOf(record, place)) return record
  } catch (cause) {
    throw damaged(name, `is not what this yard signed: ${messageOf(cause)}`, cause)
  }
  throw damaged(name, 'is that of another gate, release or channel')
}

function damaged(name: string, why: string, cause?: unknown): YardError {
  return new YardError('damaged', `${name} ${why}`, {
    hint: 'it counts for nothing; `switchyard gate` has the release judged anew',
    cause,
  })
}

/** All that is kept on a release for one channel, by the names of the gates. `gate`: of gates of this name alone. */
export async function listKept(
  context: TrainContext,
  { train, timestamp }: Pick<ReleaseRecord, 'train' | 'timestamp'>,
  channel: Name,
  gate?: string,
): Promise<KeptEvidence[]> {
  const refs = await listEvidence(context.refs, train, timestamp, channel)
  const labels = refs.map(ref => ref.slice(ref.lastIndexOf('/') + 1).replace(/\.json$/, ''))
  const asked = gate === undefined ? labels : labels.filter(label => parseLabel(label).gate === gate)
  return Promise.all(
    asked.map(async (label): Promise<KeptEvidence> => {
      try {
        const evidence = await findEvidence(context, {
          train,
          release: timestamp,
          channel,
          ...parseLabel(label),
        })
        return { label, evidence: evidence! }
      } catch (error) {
        return { label, channel, problem: messageOf(error) }
      }
    }),
  )
}

/**
 * What a gate said, found and wrote, as it is kept: text with several lines.
 * @throws YardError `not-found` without evidence or without its log; `damaged` when it is not what this yard signed.
 */
export async function readVerdict(
  context: TrainContext,
  { train, channel }: ChannelReference,
  release: Timestamp,
  label: string,
): Promise<string> {
  const evidence = await findEvidence(context, { train, release, channel, ...parseLabel(label) })
  const where = `${train}@${release} for ${train}/${channel}`
  if (evidence === undefined)
    throw new YardError('not-found', `there is no evidence of ${label} on ${where}`, {
      hint: `run \`switchyard gate ${train}@${release} --channel ${channel}\``,
    })
  const { passed, summary, findings, findingCount, log, remedy } = evidence
  const head = `${label} ${passed ? 'passes' : 'refuses'} ${where}: ${summary}`
  const written = log === undefined ? '' : (await context.blobs.read(log.sha256, maxLogBytes)).toString()
  // A program's findings are the end of what it wrote.
  const found = findingCount > findings.length ? [] : findings.filter(line => !written.includes(line))
  const toPass = remedy === undefined ? [] : [`to pass: ${remedy}`]
  return [head, ...toPass, ...found, written].join('\n')
}

/** The gate that bears a label, and which one of that name. */
export function parseLabel(label: string): { gate: string; turn: number } {
  const [, gate, turn] = /^(.*?)(?:-(\d+))?$/.exec(label)!
  return { gate: gate!, turn: turn === undefined ? 1 : Number(turn) }
}
