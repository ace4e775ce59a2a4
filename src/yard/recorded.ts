import { randomUUID } from 'node:crypto'
import type { Catalog } from '../catalog/index.ts'
import {
  type AuditDraft,
  canonicalJson,
  isYardError,
  type Json,
  type Timestamp,
  timestampOf,
} from '../model/index.ts'
import type { Locks, Refs } from '../store/index.ts'
import type { TrainContext } from '../train/index.ts'

export interface Mutation<T> {
  verb: string
  subject: string
  why: string | undefined
  /** What the log says of what came of it. */
  detailOf(result: T): Json
}

/** What a process that is about to change something leaves for the others: a ref, and a lock that dies with it. */
const intents = {
  directory: 'intents',
  ref: (id: string) => `intents/${id}.json`,
  lock: (id: string) => `.intent-${id}`,
}

interface Intent {
  draft: Omit<AuditDraft, 'detail'>
  begun: Timestamp
}

/**
 * Runs a mutation that no transaction of the catalog commits, and leaves its line in the audit log: also when it fails,
 * because what fails half way has changed something. A process that dies meanwhile leaves its intent, of which whoever
 * opens the catalog next makes the line.
 * @throws what `work` throws; what the catalog throws, before anything is done when the log cannot be written.
 */
export async function recorded<T>(
  context: TrainContext,
  { verb, subject, why, detailOf }: Mutation<T>,
  work: () => Promise<T>,
): Promise<T> {
  const catalog = await context.catalog()
  const draft = { verb, subject, ...context.actor, ...(why === undefined ? {} : { why }) }
  const intent = await announce(context, { draft, begun: timestampOf(context.now()) })
  const append = (detail: Json) => catalog.appendAudit({ ...draft, detail }, timestampOf(context.now()))
  try {
    const result = await work().catch(async error => {
      await append({ failed: isYardError(error) ? error.code : 'internal' })
      await intent.withdraw()
      throw error
    })
    await append(detailOf(result))
    await intent.withdraw()
    return result
  } finally {
    intent.release()
  }
}

async function announce({ refs, locks }: TrainContext, intent: Intent) {
  const id = `${process.pid}-${randomUUID()}`
  const lock = await locks.acquire(intents.lock(id))
  try {
    await refs.write(intents.ref(id), `${canonicalJson(intent as unknown as Json)}\n`)
  } catch (error) {
    lock?.release()
    throw error
  }
  return { withdraw: () => refs.remove(intents.ref(id)), release: () => lock?.release() }
}

/** What somebody made of an intent must not keep the catalog from being opened. */
function interrupted(text: string, ref: string): AuditDraft {
  try {
    const { draft, begun } = JSON.parse(text) as Intent
    const { verb, subject, who, via, why } = draft
    if ([verb, subject, who, via, why ?? '', begun].every(field => typeof field === 'string'))
      return { ...draft, detail: { interrupted: true, begun } }
  } catch {
    // As below.
  }
  return { verb: 'unknown', subject: ref, who: 'unknown', via: 'recovery', detail: { interrupted: true } }
}

/** Writes into the log what processes that died were about to change; how far they came is not known. */
export async function recordInterrupted(
  { refs, locks, now }: { refs: Refs; locks: Locks; now(): number },
  catalog: Catalog,
): Promise<void> {
  for (const name of await refs.list(intents.directory)) {
    const id = name.replace(/\.json$/, '')
    const lock = await locks.acquire(intents.lock(id))
    if (lock === undefined) continue
    try {
      const text = await refs.read(intents.ref(id))
      if (text === undefined) continue
      await catalog.appendAudit(interrupted(text, intents.ref(id)), timestampOf(now()))
      await refs.remove(intents.ref(id))
    } finally {
      lock.release()
    }
  }
}
