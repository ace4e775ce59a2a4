import type { Catalog } from '../catalog/index.ts'
import {
  type ChainLink,
  canonicalJson,
  type Json,
  messageOf,
  millisecondsOf,
  type Timestamp,
  timestampOf,
  YardError,
} from '../model/index.ts'
import { signingDate } from '../repository/index.ts'
import type { Locks, Refs } from '../store/index.ts'
import { parseKeyring, type SigningKey, signDetached, verifyDetached } from '../trust/index.ts'
import { followLog } from './follow-log.ts'

/** How far the audit log had come when the yard's keys signed it, and when that was. */
export interface AuditHead extends ChainLink {
  at: Timestamp
}

interface SignedHead {
  version: 1
  head: AuditHead
  /** Armoured, detached, over the head's canonical JSON and a newline. */
  signature: string
  keys: string[]
}

export interface HeadContext {
  refs: Refs
  locks: Locks
  signers(): Promise<readonly SigningKey[]>
  publicKeys(fingerprints?: readonly string[]): Promise<string>
  now(): number
}

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
  const signers = await context.signers()
  const at = signingDate(signers, millisecondsOf(head.at))
  const signature = await signDetached(signedBytes(head), signers, at)
  const signed: SignedHead = {
    version: 1,
    head,
    signature: signature.toString(),
    keys: signers.map(key => key.fingerprint),
  }
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
    const { head, signature, keys } = JSON.parse(text) as SignedHead
    const keyring = parseKeyring(Buffer.from(await context.publicKeys(keys)), 'the keys of the audit log')
    await verifyDetached(signedBytes(head), Buffer.from(signature), keyring, {
      // A clock that went back must not make a key one from the future.
      now: Math.max(context.now(), millisecondsOf(head.at)),
      object: headRef,
    })
    return head
  } catch (cause) {
    throw new YardError(
      'damaged',
      `the signed head of the audit log is not what this yard signed: ${messageOf(cause)}`,
      { hint: `restore refs/${headRef} from a backup`, cause },
    )
  }
}

function signedBytes(head: AuditHead): Buffer {
  return Buffer.from(`${canonicalJson(head as unknown as Json)}\n`)
}
