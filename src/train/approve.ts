import {
  type ApprovalRecord,
  canonicalJson,
  type Digest,
  digestOf,
  isYardError,
  type Json,
  type Name,
  type ReleaseRecord,
  timestampOf,
} from '../model/index.ts'
import {
  besideRelease,
  readApproval,
  readApprovals,
  type Signed,
  signedBytes,
  writeRecord,
} from '../repository/index.ts'
import { audit } from './audit.ts'
import type { TrainContext } from './context.ts'
import { declaredChannel } from './declared-train.ts'
import { findRelease } from './release-reference.ts'
import { signRecord, verifyRecord } from './signed-record.ts'
import { underTrainLock } from './train-lock.ts'

export interface ApproveOptions {
  /** Only for this channel; default: for every one. */
  channel?: Name | undefined
  why?: string | undefined
}

/** `unchanged`: this person had said so before. */
export interface ApproveReport {
  outcome: 'approved' | 'unchanged'
  approval: ApprovalRecord
}

/**
 * Keeps the word of `context.actor` that a release may enter a channel, or any. It cannot be taken back, as a signature cannot.
 * @throws YardError `not-found`; `busy`.
 */
export async function approve(
  context: TrainContext,
  reference: string,
  { channel, why }: ApproveOptions = {},
): Promise<ApproveReport> {
  const release = await findRelease(context, reference)
  const { train, timestamp } = release
  if (channel !== undefined) declaredChannel(context, { train, channel })
  const { who } = context.actor
  return underTrainLock(context, train, async () => {
    const before = (await approvalsOf(context, release)).find(
      one => one.who === who && one.channel === channel,
    )
    if (before !== undefined) return { outcome: 'unchanged', approval: before }
    // A log that cannot be written is known before anything is done.
    await context.catalog()
    const at = timestampOf(context.now())
    const approval: ApprovalRecord = {
      version: 1,
      train,
      release: timestamp,
      content: contentOf(release),
      ...(channel === undefined ? {} : { channel }),
      who,
      at,
      ...(why === undefined ? {} : { why }),
    }
    const ref = besideRelease.approval(train, timestamp, idOf(approval))
    await writeRecord(context.refs, ref, await signRecord(context, approval, at))
    await audit(context, {
      verb: 'approve',
      subject: `${train}@${timestamp}`,
      why,
      detail: channel === undefined ? {} : { channel },
    })
    return { outcome: 'approved', approval }
  })
}

/** The approvals of a release that this yard signed, for this very content; what else lies there counts for nothing. */
export async function approvalsOf(context: TrainContext, release: ReleaseRecord): Promise<ApprovalRecord[]> {
  const { train, timestamp } = release
  const content = contentOf(release)
  const found: ApprovalRecord[] = []
  for (const [ref, signed] of await readApprovals(context.refs, train, timestamp)) {
    const approval = await genuine(context, signed, ref)
    if (approval?.content === content) found.push(approval)
  }
  return found.toSorted((a, b) => (a.at < b.at ? -1 : 1))
}

/** Whether a ref holds an approval that this yard signed. */
export async function isApproval(context: TrainContext, ref: string): Promise<boolean> {
  const signed = await readApproval(context.refs, ref)
  return signed !== undefined && (await genuine(context, signed, ref)) !== undefined
}

async function genuine(
  context: TrainContext,
  signed: Signed<ApprovalRecord>,
  ref: string,
): Promise<ApprovalRecord | undefined> {
  try {
    return await verifyRecord(context, signed, ({ at }) => at, ref)
  } catch (error) {
    if (isYardError(error)) return undefined
    throw error
  }
}

function contentOf(release: ReleaseRecord): Digest {
  return digestOf(signedBytes(release))
}

/** Names of people are any text. */
function idOf({ who, channel }: ApprovalRecord): string {
  return digestOf(Buffer.from(canonicalJson([who, channel ?? null] as Json)))
}
