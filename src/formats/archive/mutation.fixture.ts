import fc from 'fast-check'
import { isYardError } from '../../model/index.ts'

/** One change of a byte sequence: bytes overwritten, cut out, put in, or the end cut off. */
const change = fc.record({
  kind: fc.constantFrom('overwrite', 'remove', 'insert', 'truncate'),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
})

/** Asks `read` to make something of damaged copies of the seeds: it may succeed or throw a YardError, nothing else. */
export async function expectOnlyYardErrors(
  seeds: readonly Buffer[],
  read: (bytes: Buffer) => Promise<unknown>,
  numRuns = 150,
): Promise<void> {
  const changes = fc.array(change, { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...seeds), changes, async (seed, edits) => {
      let bytes = seed
      for (const edit of edits) bytes = mutated(bytes, edit)
      const error = await read(bytes).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (error !== undefined && !isYardError(error)) throw error
    }),
    { numRuns },
  )
}

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

function mutated(bytes: Buffer, { kind, at, bytes: other }: Change): Buffer {
  const start = Math.floor(at * (bytes.length + 1))
  const head = bytes.subarray(0, start)
  if (kind === 'truncate') return head
  if (kind === 'insert') return Buffer.concat([head, other, bytes.subarray(start)])
  const tail = bytes.subarray(start + other.length)
  return kind === 'remove' ? Buffer.concat([head, tail]) : Buffer.concat([head, other, tail])
}
