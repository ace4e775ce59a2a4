import type { AptOutput } from '../../../config/index.ts'
import { type WrittenFile, writeRelease } from '../../../formats/index.ts'
import {
  type ByteString,
  byteStringOfText,
  type Digest,
  millisecondsOf,
  type Timestamp,
} from '../../../model/index.ts'
import { leaves, packagePrefix, prefixRange } from '../../../tree/index.ts'
import { clearText, signClear, signDetached } from '../../../trust/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { byHashPath } from '../../mirror/apt/read-indexes.ts'
import { type FrameTable, readFrames, refNames, writeRecord } from '../../records.ts'
import { signingDate } from '../../seal.ts'
import { writeFramed } from '../framed-document.ts'
import type { OwnMetadata, OwnRepository } from '../publisher.ts'

/**
 * Writes the indexes and the signed Release of a repository of ours from its packages tree. Packages files are made
 * of frames, one for each leaf page of the tree, compressed anew only where packages changed. The same tree, settings,
 * keys, date and compressor give the same bytes.
 */
export async function writeIndexes(
  context: RepositoryContext,
  repository: OwnRepository,
  output: AptOutput,
  packages: Digest,
  date: Timestamp,
): Promise<OwnMetadata> {
  const before = await readFrames(context.refs, repository.name)
  const table: FrameTable = { version: 1, indexes: {} }
  const files: OwnMetadata = new Map()
  const listed: WrittenFile[] = []
  const directory = `dists/${output.suite}`
  for (const architecture of repository.architectures) {
    const stem = `${output.component}/binary-${architecture}/Packages`
    const { plain, compressed } = await writeFramed(
      context,
      stanzaContents(context, packages, packagePrefix('deb', output.suite, output.component, architecture)),
      output.compression,
      compression => before?.indexes[`${directory}/${stem}.${compression}`],
    )
    listed.push({ path: stem, ...plain })
    for (const [compression, { entry, frames }] of compressed) {
      const path = `${directory}/${stem}.${compression}`
      table.indexes[path] = { blob: entry.sha256, frames }
      listed.push({ path: `${stem}.${compression}`, ...entry })
      files.set(path, entry)
      files.set(byHashPath(path, 'SHA256', entry.sha256), entry)
    }
  }
  const signed = await signedRelease(context, repository, output, listed, date)
  await Promise.all(
    signed.map(async ([name, bytes]) => {
      files.set(`${directory}/${name}`, { sha256: await context.blobs.put(bytes), size: bytes.length })
    }),
  )
  await writeRecord(context.refs, refNames.frames(repository.name), table)
  return files
}

const blank = Buffer.from('\n')

/** What goes into each frame of an index: the stanzas of one leaf page, a blank line after each. `prefix`: the index's in the packages tree. */
export async function* stanzaContents(
  context: RepositoryContext,
  packages: Digest,
  prefix: ByteString,
): AsyncIterable<Buffer> {
  for await (const leaf of leaves(context.trees, packages, prefixRange(prefix)))
    yield Buffer.concat(
      leaf.flatMap(({ value }) => (value.at(-1) === 10 ? [value, blank] : [value, blank, blank])),
    )
}

async function signedRelease(
  context: RepositoryContext,
  repository: OwnRepository,
  output: AptOutput,
  files: WrittenFile[],
  date: Timestamp,
): Promise<[string, Buffer][]> {
  const at = millisecondsOf(date)
  const release = clearText(
    writeRelease(
      {
        origin: byteStringOfText(output.origin),
        label: byteStringOfText(output.label),
        suite: output.suite,
        codename: output.codename,
        date: at,
        validUntil: output.validDays === undefined ? undefined : at + output.validDays * 86_400_000,
        acquireByHash: true,
        architectures: repository.architectures,
        components: [output.component],
      },
      files,
    ),
  )
  return signedDocuments(context, release, at)
}

/** A Release text in the three documents that vouch for it. `at`: its date, in milliseconds since the epoch. */
export async function signedDocuments(
  context: RepositoryContext,
  release: Buffer,
  at: number,
): Promise<[string, Buffer][]> {
  const keys = await context.signers()
  const signedAt = signingDate(keys, at)
  const [inline, detached] = await Promise.all([
    signClear(release, keys, signedAt),
    signDetached(release, keys, signedAt),
  ])
  return [
    ['Release', release],
    ['InRelease', inline],
    ['Release.gpg', detached],
  ]
}
