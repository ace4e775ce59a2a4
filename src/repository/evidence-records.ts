import {
  type ApprovalRecord,
  type Digest,
  type EvidenceRecord,
  isName,
  isTimestamp,
  type Name,
  type Timestamp,
} from '../model/index.ts'
import type { Refs } from '../store/index.ts'
import { readRecord, unlessDamaged } from './records.ts'
import { listTrains, type Signed } from './train-records.ts'

/** What stands beside a release: what gates found, and who approves of it. */
export const besideRelease = {
  /** Of a channel: its evidence, a ref a gate; `turn` counts several of one name from 1. */
  evidence: (train: Name, release: Timestamp, channel: Name, gate: string, turn: number) =>
    `trains/${train}/evidence/${release}/${channel}/${gate}${turn === 1 ? '' : `-${turn}`}.json`,
  /** `id` is one person's, for one channel or for all. */
  approval: (train: Name, release: Timestamp, id: string) =>
    `trains/${train}/approvals/${release}/${id}.json`,
}

/** @throws YardError `damaged` when the ref cannot be read. */
export function readEvidence(refs: Refs, ref: string): Promise<Signed<EvidenceRecord> | undefined> {
  return readRecord<Signed<EvidenceRecord>>(refs, ref)
}

/** Undefined too when it cannot be read. */
export function readApproval(refs: Refs, ref: string): Promise<Signed<ApprovalRecord> | undefined> {
  return unlessDamaged(readRecord<Signed<ApprovalRecord>>(refs, ref))
}

/** By ref; those that cannot be read are left out. */
export async function readApprovals(
  refs: Refs,
  train: Name,
  release: Timestamp,
): Promise<Map<string, Signed<ApprovalRecord>>> {
  const directory = `trains/${train}/approvals/${release}`
  const found = new Map<string, Signed<ApprovalRecord>>()
  for (const name of await refs.list(directory)) {
    const approval = await readApproval(refs, `${directory}/${name}`)
    if (approval !== undefined) found.set(`${directory}/${name}`, approval)
  }
  return found
}

/** The refs of a channel's evidence on a release, by their names. */
export async function listEvidence(
  refs: Refs,
  train: Name,
  release: Timestamp,
  channel: Name,
): Promise<string[]> {
  const directory = `trains/${train}/evidence/${release}/${channel}`
  return (await refs.list(directory)).map(name => `${directory}/${name}`)
}

/** The blobs that hold what gates wrote, of every release. Evidence that cannot be read has none. */
export async function* evidenceLogs(refs: Refs): AsyncGenerator<Digest> {
  for (const train of await listTrains(refs))
    for (const release of (await refs.list(`trains/${train}/evidence`)).filter(isTimestamp))
      for (const channel of (await refs.list(`trains/${train}/evidence/${release}`)).filter(isName))
        for (const ref of await listEvidence(refs, train, release, channel)) {
          const log = (await unlessDamaged(readEvidence(refs, ref)))?.record.log
          if (log !== undefined) yield log.sha256
        }
}

/** Every ref that stands beside a release. */
export async function refsBesideRelease(refs: Refs, train: Name, release: Timestamp): Promise<string[]> {
  const channels = (await refs.list(`trains/${train}/evidence/${release}`)).filter(isName)
  const evidence = channels.map(channel => listEvidence(refs, train, release, channel))
  const approvals = `trains/${train}/approvals/${release}`
  const names = (await refs.list(approvals)).map(name => `${approvals}/${name}`)
  return [...(await Promise.all(evidence)).flat(), ...names]
}
