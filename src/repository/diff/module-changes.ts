import { type ModuleDocument, readModuleDocument } from '../../formats/index.ts'
import { type ByteString, byteStringOf, textOfByteString as text } from '../../model/index.ts'

/** What became of one module; all of it is text. */
export interface ModuleChange {
  name: string
  /** Where another stream is the default now, or none any more, or one for the first time. */
  defaultStream?: { before?: string; after?: string }
  streams: StreamChange[]
}

export interface StreamChange {
  stream: string
  kind: 'added' | 'removed' | 'changed'
  /** Packages that came and that went, as `name-epoch:version-release.architecture`. */
  addedPackages: string[]
  removedPackages: string[]
}

/**
 * Compares what two sets of documents of modules.yaml say: streams that came and went, streams with other packages, and
 * default streams. A stream has the packages of all its builds (versions, contexts, architectures) together. Only documents that
 * differ are parsed, and those that may speak of the same modules: parsing YAML is slow. `object` names them in messages.
 * @throws YardError as `readModuleDocument` does.
 */
export function moduleChanges(
  before: readonly Buffer[],
  after: readonly Buffer[],
  object: string,
): ModuleChange[] {
  const old = new Set(before.map(byteStringOf))
  const now = new Set(after.map(byteStringOf))
  const gone = [...old].filter(document => !now.has(document)).map(parse)
  const come = [...now].filter(document => !old.has(document)).map(parse)
  const names = new Set([...gone, ...come].flatMap(document => nameIn(document)))
  const mayName = (document: ByteString) => [...names].some(name => document.includes(name))
  const stayed = [...now].filter(document => old.has(document) && mayName(document)).map(parse)
  const statesBefore = statesOf([...stayed, ...gone])
  const statesAfter = statesOf([...stayed, ...come])
  return [...names].sort().flatMap(name => changeOf(name, statesBefore.get(name), statesAfter.get(name)))

  function parse(document: ByteString): ModuleDocument {
    return readModuleDocument(Buffer.from(document, 'latin1'), object)
  }
}

interface ModuleState {
  defaultStream: ByteString
  /** Packages by stream. */
  streams: Map<ByteString, Set<ByteString>>
}

function nameIn(document: ModuleDocument): ByteString[] {
  return document.kind === 'other' ? [] : [document.name]
}

function statesOf(documents: readonly ModuleDocument[]): Map<ByteString, ModuleState> {
  const states = new Map<ByteString, ModuleState>()
  for (const document of documents) {
    if (document.kind !== 'stream' && document.kind !== 'defaults') continue
    const state = states.get(document.name) ?? { defaultStream: '', streams: new Map() }
    states.set(document.name, state)
    if (document.kind === 'defaults') state.defaultStream = document.stream
    else {
      const packages = state.streams.get(document.stream) ?? new Set()
      state.streams.set(document.stream, packages)
      for (const artifact of document.artifacts) packages.add(artifact)
    }
  }
  return states
}

const nothing: ModuleState = { defaultStream: '', streams: new Map() }

function changeOf(name: ByteString, before = nothing, after = nothing): ModuleChange[] {
  const streams = [...new Set([...before.streams.keys(), ...after.streams.keys()])]
    .sort()
    .flatMap(stream => streamChange(stream, before.streams.get(stream), after.streams.get(stream)))
  const isOther = before.defaultStream !== after.defaultStream
  if (streams.length === 0 && !isOther) return []
  const side = (key: 'before' | 'after', stream: ByteString) => (stream === '' ? {} : { [key]: text(stream) })
  const defaultStream = { ...side('before', before.defaultStream), ...side('after', after.defaultStream) }
  return [{ name: text(name), ...(isOther ? { defaultStream } : {}), streams }]
}

function streamChange(
  stream: ByteString,
  before: Set<ByteString> | undefined,
  after: Set<ByteString> | undefined,
): StreamChange[] {
  const beyond = (some: Set<ByteString> | undefined, others: Set<ByteString> | undefined) =>
    [...(some ?? [])]
      .filter(one => others?.has(one) !== true)
      .sort()
      .map(text)
  const addedPackages = beyond(after, before)
  const removedPackages = beyond(before, after)
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  if (kind === 'changed' && addedPackages.length + removedPackages.length === 0) return []
  return [{ stream: text(stream), kind, addedPackages, removedPackages }]
}
