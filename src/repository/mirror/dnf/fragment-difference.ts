import { digestOf } from '../../../model/index.ts'

/** What stands in one document and not in the other; the bytes are copies. */
export interface FragmentDifference {
  gone: Buffer[]
  come: Buffer[]
}

/**
 * The difference of two documents' fragments, whatever their order: as many of each as the other has not. Where both go
 * on alike only bytes are compared; elsewhere fragments wait for their equal from the other side. Undefined when more
 * than `maxWaitingBytes` would wait: then the documents have too little in common to be told by their difference.
 */
export async function fragmentDifference(
  before: AsyncIterator<Buffer>,
  after: AsyncIterator<Buffer>,
  maxWaitingBytes: number,
): Promise<FragmentDifference | undefined> {
  const [old, fresh] = await Promise.all([openSide(before), openSide(after)])
  try {
    for (;;) {
      const [a, b] = [old.current(), fresh.current()]
      if (a === undefined && b === undefined) break
      if (a !== undefined && b !== undefined && a.equals(b)) {
        await old.advance()
        await fresh.advance()
        continue
      }
      // The side that lags goes on, and goes on as long as it finds what the other had before.
      const [side, other] =
        b === undefined || (a !== undefined && old.waiting.bytes() <= fresh.waiting.bytes())
          ? [old, fresh]
          : [fresh, old]
      while (side.current() !== undefined && other.waiting.take(side.current()!)) await side.advance()
      const next = side.current()
      if (next === undefined || (other.current()?.equals(next) ?? false)) continue
      side.waiting.add(next)
      await side.advance()
      if (old.waiting.bytes() + fresh.waiting.bytes() > maxWaitingBytes) return undefined
    }
    return { gone: old.waiting.all(), come: fresh.waiting.all() }
  } finally {
    await Promise.all([before.return?.(), after.return?.()])
  }
}

interface Side {
  /** Undefined at the end. */
  current(): Buffer | undefined
  advance(): Promise<void>
  waiting: Waiting
}

async function openSide(fragments: AsyncIterator<Buffer>): Promise<Side> {
  let result = await fragments.next()
  return {
    current: () => (result.done === true ? undefined : result.value),
    async advance() {
      result = await fragments.next()
    },
    waiting: createWaiting(),
  }
}

interface Waiting {
  add(fragment: Buffer): void
  /** Takes out one that is equal; false when there is none. */
  take(fragment: Buffer): boolean
  bytes(): number
  all(): Buffer[]
}

/** Fragments of one side that the other has not shown yet. */
function createWaiting(): Waiting {
  const byDigest = new Map<string, Buffer[]>()
  let bytes = 0
  return {
    add(fragment) {
      const digest = digestOf(fragment)
      const copy = Buffer.from(fragment)
      const same = byDigest.get(digest)
      if (same === undefined) byDigest.set(digest, [copy])
      else same.push(copy)
      bytes += copy.length
    },
    take(fragment) {
      if (byDigest.size === 0) return false
      const digest = digestOf(fragment)
      const same = byDigest.get(digest)
      if (same === undefined) return false
      bytes -= same.pop()!.length
      if (same.length === 0) byDigest.delete(digest)
      return true
    },
    bytes: () => bytes,
    all: () => [...byDigest.values()].flat(),
  }
}
