import type { Catalog } from '../catalog/index.ts'
import type { Digest } from '../model/index.ts'
import { arrivals } from '../repository/index.ts'
import type { Blobs, BlobWriter, Lock, Locks, Refs } from '../store/index.ts'

/** How long what became of blobs is collected before the catalog is told, in milliseconds. */
const delay = 1_000

export interface BlobStates {
  /** The same blobs; every one that arrives through them becomes `local` in the catalog. */
  watch(blobs: Blobs): Blobs
  add(digest: Digest, state: 'local' | 'lost'): void
  /** Tells the catalog what it does not know yet; what it cannot be told now is kept for the next time. */
  flush(): Promise<void>
}

export interface BlobStatesOptions {
  refs: Refs
  locks: Locks
  catalog(): Promise<Catalog>
  /** Of this process among all that use the yard: letters, digits and dashes. */
  id: string
}

/**
 * Passes on what became of blobs, in batches: whoever reads must not wait for the database, nor fail without it. While
 * blobs arrive that the catalog does not know, a ref says so, and a lock that dies with this process: after a crash
 * whoever opens the catalog next counts what is here (`reconcile`).
 */
export function createBlobStates(options: BlobStatesOptions): BlobStates {
  const { catalog } = options
  const waiting = new Map<Digest, 'local' | 'lost'>()
  const flag = createFlag(options)
  let timer: NodeJS.Timeout | undefined
  let underWay = Promise.resolve()

  function add(digest: Digest, state: 'local' | 'lost'): void {
    waiting.set(digest, state)
    timer ??= setTimeout(() => void flush(), delay).unref()
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    underWay = underWay.then(tell)
    return underWay
  }

  async function tell(): Promise<void> {
    const states = new Map(waiting)
    waiting.clear()
    try {
      for (const state of ['local', 'lost'] as const) {
        const digests = [...states].filter(([, value]) => value === state).map(([digest]) => digest)
        if (digests.length > 0) await (await catalog()).markBlobs(digests, state)
      }
      if (waiting.size === 0) await flag.lower()
    } catch {
      for (const [digest, state] of states) if (!waiting.has(digest)) waiting.set(digest, state)
    }
  }

  return { watch: blobs => watched(blobs, flag, digest => add(digest, 'local')), add, flush }
}

interface Flag {
  /** Durable when it resolves; then the call is ended by one of `done`. */
  raise(): Promise<void>
  done(): void
  /** Unless somebody still writes. */
  lower(): Promise<void>
}

function createFlag({ refs, locks, id }: BlobStatesOptions): Flag {
  let writers = 0
  let raised: Promise<Lock | undefined> | undefined
  let lowering = Promise.resolve()

  async function put(): Promise<Lock | undefined> {
    await lowering.catch(() => {})
    const lock = await locks.acquire(arrivals.lock(id))
    try {
      await refs.write(arrivals.ref(id), '{}\n')
      return lock
    } catch (error) {
      lock?.release()
      throw error
    }
  }

  async function take(lock: Promise<Lock | undefined>): Promise<void> {
    const held = await lock
    await refs.remove(arrivals.ref(id))
    held?.release()
  }

  return {
    async raise() {
      writers++
      raised ??= put()
      const raising = raised
      try {
        await raising
      } catch (error) {
        writers--
        // On a full disk, say: who comes next tries again.
        if (raised === raising) raised = undefined
        throw error
      }
    },
    done() {
      writers--
    },
    async lower() {
      if (writers > 0 || raised === undefined) return
      lowering = take(raised)
      raised = undefined
      await lowering
    },
  }
}

function watched(blobs: Blobs, flag: Flag, arrived: (digest: Digest) => void): Blobs {
  async function arriving<T>(work: () => Promise<T>, digestsOf: (result: T) => Digest[]): Promise<T> {
    await flag.raise()
    try {
      const result = await work()
      for (const digest of digestsOf(result)) arrived(digest)
      return result
    } finally {
      flag.done()
    }
  }
  return {
    ...blobs,
    put: bytes =>
      arriving(
        () => blobs.put(bytes),
        digest => [digest],
      ),
    putAll: all =>
      arriving(
        () => blobs.putAll(all),
        digests => digests,
      ),
    receive: chunks =>
      arriving(
        () => blobs.receive(chunks),
        ({ digest }) => [digest],
      ),
    adopt: (file, digest) =>
      arriving(
        () => blobs.adopt(file, digest),
        taken => (taken === undefined ? [] : [digest]),
      ),
    async resume(digest, size) {
      await flag.raise()
      const writer = await blobs.resume(digest, size).catch(error => {
        flag.done()
        throw error
      })
      if (writer === undefined) flag.done()
      return writer && watchedWriter(writer, flag, () => arrived(digest))
    },
  }
}

function watchedWriter(writer: BlobWriter, flag: Flag, arrived: () => void): BlobWriter {
  let ended = false
  const ending = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } finally {
      if (!ended) flag.done()
      ended = true
    }
  }
  return {
    get offset() {
      return writer.offset
    },
    write: chunk => writer.write(chunk),
    restart: () => writer.restart(),
    commit: () =>
      ending(async () => {
        await writer.commit()
        arrived()
      }),
    keep: () => ending(() => writer.keep()),
    discard: () => ending(() => writer.discard()),
  }
}
