import { Suspicion, suspicionOf } from './suspicion.ts'

/** One place where departures lie: a server, a mirror, a bucket, a folder. Nothing that it says is believed. */
export interface Source {
  /**
   * @param path below the departures, such as `metadata/timestamp.json`. Nothing in it is to be decoded: a folder has its files
   * under just these names, and what a signed name decodes to may lead out of it.
   * @param maximumBytes the most that may be wanted: the source stops reading after one byte more, and hands out what it has.
   * @returns undefined where there is no such file.
   * @throws anything where the place cannot be had; a Suspicion `slow-retrieval` where it is too slow.
   */
  fetch(path: string, maximumBytes: number): Promise<Uint8Array | undefined>
}

/** @throws Suspicion when the source fails or the file is too long. */
export async function fetchCapped(
  source: Source,
  path: string,
  maximumBytes: number,
): Promise<Buffer | undefined> {
  const bytes = await source.fetch(path, maximumBytes).catch((error: unknown) => {
    throw suspicionOf(error, path)
  })
  if (bytes === undefined) return undefined
  if (bytes.length > maximumBytes)
    throw new Suspicion('endless-data', path, `it has more than the ${maximumBytes} bytes that it may have`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** As fetchCapped, for a file that other metadata promises. */
export async function fetchPromised(source: Source, path: string, maximumBytes: number): Promise<Buffer> {
  const bytes = await fetchCapped(source, path, maximumBytes)
  if (bytes === undefined) throw new Suspicion('unavailable', path, 'it is not there')
  return bytes
}

/** The source, asked at most once for each file: a look begins with two that the walk then wants again. */
export function remembering(source: Source): Source {
  const seen = new Map<string, Promise<Uint8Array | undefined>>()
  return {
    fetch: (path, maximumBytes) => {
      const known = seen.get(path)
      if (known !== undefined) return known
      const answer = source.fetch(path, maximumBytes)
      seen.set(path, answer)
      return answer
    },
  }
}
