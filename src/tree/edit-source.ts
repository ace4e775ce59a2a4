import { type ByteString, YardError } from '../model/index.ts'
import { shown } from './open-page.ts'
import type { Entry } from './page.ts'
import { afterAllKeys } from './range.ts'

/** Sets a key, or (value undefined) takes it away; a key that is not there may be taken away. */
export interface PointEdit {
  key: ByteString
  value: Uint8Array | undefined
}

/** Puts `entries` (ascending, within the range) in the place of everything from `from` on and below `to` (undefined: to the end). */
export interface RangeEdit {
  from: ByteString
  to: ByteString | undefined
  entries: Iterable<Entry> | AsyncIterable<Entry>
}

export type Edit = PointEdit | RangeEdit

/** Edits in order, each as the range that it replaces: a point is the range up to the least key behind it. */
export interface EditSource {
  /** The next edit; undefined when there is none left. */
  head(): { from: ByteString; to: ByteString; edit: Edit } | undefined
  /** Where it begins; greater than every key when there is none. */
  start(): ByteString
  /** Goes on to the one behind it. @throws YardError `internal` when the edits overlap or do not ascend. */
  advance(): Promise<void>
  /** Ends the caller's iteration early. */
  close(): Promise<void>
}

/** @throws YardError `internal` when the first edit's range is not one. */
export async function editSource(edits: Iterable<Edit> | AsyncIterable<Edit>): Promise<EditSource> {
  const iterator = Symbol.asyncIterator in edits ? edits[Symbol.asyncIterator]() : edits[Symbol.iterator]()
  let end = ''
  let head: ReturnType<EditSource['head']>

  async function advance(): Promise<void> {
    const step = iterator.next()
    const result = step instanceof Promise ? await step : step
    head = result.done ? undefined : withRange(result.value)
    if (head === undefined) return
    if (head.from < end || head.to < head.from)
      throw new YardError('internal', `edits of a tree ascend, but ${shown(head.from)} follows ${shown(end)}`)
    end = head.to
  }

  await advance()
  return {
    head: () => head,
    start: () => head?.from ?? afterAllKeys,
    advance,
    close: async () => {
      if (head !== undefined) await iterator.return?.()
    },
  }
}

function withRange(edit: Edit): { from: ByteString; to: ByteString; edit: Edit } {
  if ('entries' in edit) return { from: edit.from, to: edit.to ?? afterAllKeys, edit }
  return { from: edit.key, to: `${edit.key}\0`, edit }
}
