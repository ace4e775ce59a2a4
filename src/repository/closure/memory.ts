import { canonicalJson, type Digest, type Json, type Name } from '../../model/index.ts'
import type { Refs } from '../../store/index.ts'
import { readRecord, unlessDamaged } from '../records.ts'
import { listTrains } from '../train-records.ts'

/** What was remembered of the last check, by format and architecture. Losing it costs one full check, nothing else. */
export interface ClosureMemory {
  version: 1
  blobs: { [world: string]: Digest }
}

const refOf = (train: Name) => `trains/${train}/closure.json`

/** Of the last check of a train's release; undefined too when it is damaged. */
export function readClosureMemory(refs: Refs, train: Name): Promise<ClosureMemory | undefined> {
  return unlessDamaged(readRecord<ClosureMemory>(refs, refOf(train)))
}

export function writeClosureMemory(refs: Refs, train: Name, memory: ClosureMemory): Promise<void> {
  return refs.write(refOf(train), `${canonicalJson(memory as unknown as Json)}\n`)
}

/** The blobs that hold what was remembered, of every train. */
export async function* closureBlobs(refs: Refs): AsyncGenerator<Digest> {
  for (const train of await listTrains(refs))
    yield* Object.values((await readClosureMemory(refs, train))?.blobs ?? {})
}
