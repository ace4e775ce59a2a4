import { type ModuleDocument, type ModuleObsoletes, readModuleDocument } from '../../../formats/index.ts'
import { type ByteString, byteStringOf, bytesOf } from '../../../model/index.ts'

/** A document of modules.yaml with its own bytes. */
export interface WrittenModule {
  read: ModuleDocument
  bytes: Buffer
}

/** What makes two documents one: of several inputs the first has its way. */
export function idOfModule({ read, bytes }: WrittenModule): string {
  switch (read.kind) {
    case 'stream':
      return ['stream', read.name, read.stream, read.version, read.context, read.arch].join('\n')
    case 'defaults':
      return ['defaults', read.name].join('\n')
    case 'obsoletes':
      return ['obsoletes', read.name, read.stream, read.context, read.modified].join('\n')
    case 'other':
      return ['other', read.document, byteStringOf(bytes)].join('\n')
  }
}

/**
 * The documents of a modules.yaml that speaks only of packages that are left: streams that still have one, with the others
 * taken from their artifacts, and defaults and obsoletes of such streams. Every other byte stays.
 * @param isLeft of an artifact, `name-epoch:version-release.arch`.
 */
export function reducedModules(
  documents: readonly WrittenModule[],
  isLeft: (artifact: ByteString) => boolean,
): WrittenModule[] {
  const streams = new Set<string>()
  const left = documents.flatMap((document): WrittenModule[] => {
    const { read } = document
    if (read.kind !== 'stream') return [document]
    if (!read.artifacts.some(isLeft)) return []
    streams.add(`${read.name}\n`)
    streams.add(`${read.name}\n${read.stream}`)
    return [withArtifacts(document, isLeft)]
  })
  return left.filter(({ read }) => {
    if (read.kind === 'defaults') return streams.has(`${read.name}\n${read.stream}`)
    return read.kind !== 'obsoletes' || isOf(read, streams)
  })
}

function isOf({ name, stream }: ModuleObsoletes, streams: ReadonlySet<string>): boolean {
  return streams.has(`${name}\n${stream}`)
}

/** The document itself where its list is not written one artifact a line. */
function withArtifacts(document: WrittenModule, isLeft: (artifact: ByteString) => boolean): WrittenModule {
  const { read, bytes } = document
  if (read.kind !== 'stream' || read.artifacts.every(isLeft)) return document
  const gone = new Set(read.artifacts.filter(artifact => !isLeft(artifact)))
  const text = byteStringOf(bytes).replace(
    /^[ \t]*-[ \t]+(["']?)([^\s"'#]+)\1[ \t]*\r?\n/gm,
    (line, _, artifact) => (gone.has(artifact) ? '' : line),
  )
  const reduced = bytesOf(text)
  const again = readModuleDocument(reduced, read.name)
  const isRight = again.kind === 'stream' && again.artifacts.length === read.artifacts.filter(isLeft).length
  return isRight ? { read: again, bytes: reduced } : document
}
