import type { NewPage, PageWriter } from './page-store.ts'

const batchPages = 256
const batchBytes = 8 * 1024 * 1024

/** Collects new pages and writes them in batches, one being written while the next one fills. */
export interface PageSink {
  add(page: NewPage): void
  /** A batch is complete: `flush` should be awaited before more is added. */
  full(): boolean
  /** Begins to write what was collected, once the batch before is durable. @throws whatever the writer throws. */
  flush(): Promise<void>
  /** Writes the rest and gives what was new in all. @throws whatever the writer throws. */
  finish(): Promise<{ pages: number; storedBytes: number }>
  /** Waits for what is being written, whatever comes of it. */
  settle(): Promise<void>
}

export function pageSink(writer: PageWriter): PageSink {
  let batch: NewPage[] = []
  let bytes = 0
  let writing: Promise<void> = Promise.resolve()
  const written = { pages: 0, storedBytes: 0 }

  async function write(pages: NewPage[]): Promise<void> {
    const result = await writer.write(pages)
    written.pages += result.pages
    written.storedBytes += result.storedBytes
  }

  async function flush(): Promise<void> {
    await writing
    if (batch.length === 0) return
    writing = write(batch)
    // The failure is met by the next flush; until then it must not count as unhandled.
    writing.catch(() => {})
    batch = []
    bytes = 0
  }

  return {
    add: page => {
      batch.push(page)
      bytes += page.bytes.length
    },
    full: () => batch.length >= batchPages || bytes >= batchBytes,
    flush,
    finish: async () => {
      await flush()
      await writing
      return written
    },
    settle: () => writing.catch(() => {}),
  }
}
