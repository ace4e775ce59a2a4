import type { Catalog } from '../catalog/index.ts'
import {
  type ChainLink,
  canonicalJson,
  type Json,
  messageOf,
  type Timestamp,
  timestampOf,
  YardError,
} from '../model/index.ts'
import type { RepositoryContext, Signed } from '../repository/index.ts'
import { signRecord, verifyRecord } from '../train/index.ts'
import { followLog } from './follow-log.ts'

/** How far the audit log had come when the yard's keys signed it, and when that was. */
export interface AuditHead extends ChainLink {
  at: Timestamp
}

export type HeadContext = Pick<RepositoryContext, 'refs' | 'locks' | 'signers' | 'publicKeys' | 'now'>

const headRef = 'audit-head.json'
const headLock = '.audit-head'
const lockWaitMilliseconds = 10_000
/** How long entries are collected before the head follows them, in milliseconds: a signature costs up to ten. */
const delay = 1_000

export interface HeadKeeper {
  /** The same catalog; the head follows what its methods add to the log. */
  watch(catalog: Catalog): Catalog
  /** Lets the head follow now what it has not followed yet. */
  flush(): Promise<void>
}

/**
 * Keeps a signed statement of how far the audit log has come, so that entries cannot be cut off its end unseen. It follows
 * within a second, and when the yard is closed; what a crash keeps it from following it follows behind the next entry. It
 * never passes over a fault of the log: then it stays, and verifying the log tells why.
 */
export function createHeadKeeper(context: HeadContext): HeadKeeper {
  let watched: Catalog | undefined
  let timer: NodeJS.Timeout | undefined
  let underWay = Promise.resolve()

  function follow(): void {
    timer ??= setTimeout(() => void flush(), delay).unref()
  }

  function flush(): Promise<void> {
    if (timer === undefined) return underWay
    clearTimeout(timer)
    timer = undefined
    const catalog = watched!
    // The mutation is done and in the log; a head that stays behind is no reason to call it failed.
    underWay = underWay.then(() => advance(context, catalog)).catch(() => undefined)
    return underWay
  }

  return {
    watch(catalog) {
      watched = catalog
      const following =
        <Given extends unknown[], T>(method: (...given: Given) => Promise<T>) =>
        async (...given: Given): Promise<T> => {
          const result = await method(...given)
          follow()
          return result
        }
      return {
        ...catalog,
        commitSnapshot: following(catalog.commitSnapshot),
        beginRemoval: following(catalog.beginRemoval),
        appendAudit: following(catalog.appendAudit),
        async changeHosts(work) {
          const result = await catalog.changeHosts(work)
          follow()
          return result
        },
      }
    },
    flush,
  }
}

async function advance(context: HeadContext, catalog: Catalog): Promise<void> {
  const lock = await context.locks.acquire(headLock, lockWaitMilliseconds)
  if (lock === undefined) return
  try {
    const head = await readHead(context)
    const last = await lastBehind(catalog, head)
    if (last === undefined || last.number === head?.number) return
    await writeHead(context, { ...last, at: timestampOf(context.now()) })
  } finally {
    lock.release()
  }
}

/** The last entry, when every one from the head on follows the one before it. */
async function lastBehind(catalog: Catalog, head: AuditHead | undefined): Promise<ChainLink | undefined> {
  if (head !== undefined) {
    const [entry] = await catalog.auditEntries({ after: head.number - 1, limit: 1 })
    if (entry?.number !== head.number || entry.digest !== head.digest) return undefined
  }
  const { last, fault } = await followLog(catalog, head)
  return fault === undefined ? last : undefined
}

async function writeHead(context: HeadContext, head: AuditHead): Promise<void> {
  const signed = await signRecord(context, head, head.at)
  await context.refs.write(headRef, `${canonicalJson(signed as unknown as Json)}\n`)
}

/**
 * The head as the yard's keys signed it; undefined: there is none.
 * @throws YardError `damaged` when it is not what they signed.
 */
export async function readHead(context: HeadContext): Promise<AuditHead | undefined> {
  const text = await context.refs.read(headRef)
  if (text === undefined) return undefined
  try {
    const signed = JSON.parse(text) as Signed<AuditHead>
    return await verifyRecord(context, signed, ({ at }) => at, headRef)
  } catch (cause) {
    throw new YardError(
      'damaged',
      `the signed head of the audit log is not what this yard signed: ${messageOf(cause)}`,
      { hint: `restore refs/${headRef} from a backup`, cause },
    )
  }
}
