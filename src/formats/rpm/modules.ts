import { type ByteString, YardError } from '../../model/index.ts'
import { member, membersOf, moduleValue, textOf, textsOf, type Value } from './module-values.ts'

/** A module's stream as it was built once (`modulemd`, versions 1 and 2). What it does not say is empty. */
export interface ModuleStream {
  kind: 'stream'
  name: ByteString
  stream: ByteString
  version: ByteString
  context: ByteString
  arch: ByteString
  summary: ByteString
  /** The packages that belong to it, as `name-epoch:version-release.arch`. */
  artifacts: ByteString[]
  /** Names of packages by profile. */
  profiles: Map<ByteString, ByteString[]>
  /** Alternatives; each says which streams of which modules are needed, where none means any. `-x` is every stream but x. */
  requires: Map<ByteString, ByteString[]>[]
}

/** Which stream and profiles of a module are the default (`modulemd-defaults`). */
export interface ModuleDefaults {
  kind: 'defaults'
  name: ByteString
  /** Empty when no stream is the default. */
  stream: ByteString
  /** By stream. */
  profiles: Map<ByteString, ByteString[]>
}

/** The end of a module's stream (`modulemd-obsoletes`). */
export interface ModuleObsoletes {
  kind: 'obsoletes'
  name: ByteString
  stream: ByteString
  context: ByteString
  /** As written: `2026-11-21T00:00Z`. */
  modified: ByteString
  endOfLife: ByteString
  message: ByteString
  /** Takes back what was said before. */
  reset: boolean
  obsoletedBy: { name: ByteString; stream: ByteString } | undefined
}

/** A document of another kind, which is kept and not understood. */
export interface OtherModuleDocument {
  kind: 'other'
  document: ByteString
}

export type ModuleDocument = ModuleStream | ModuleDefaults | ModuleObsoletes | OtherModuleDocument

/**
 * Reads one document of modules.yaml (`moduleDocumentsOf` cuts them). Every scalar is text: the streams `1.10` and `1.1` differ.
 * `object` names it in messages.
 * @throws YardError `invalid`: no YAML, nested too deep, too many aliases, a key twice, no kind of document, no name.
 */
export function readModuleDocument(document: Buffer, object: string): ModuleDocument {
  const value = moduleValue(document, object)
  const kind = textOf(member(value, 'document'))
  const data = member(value, 'data')
  switch (kind) {
    case '':
      throw new YardError('invalid', `${object}: it does not say which kind of document it is`)
    case 'modulemd':
      return streamOf(data, object)
    case 'modulemd-defaults':
      return defaultsOf(data, object)
    case 'modulemd-obsoletes':
      return obsoletesOf(data, object)
    default:
      return { kind: 'other', document: kind }
  }
}

function streamOf(data: Value | undefined, object: string): ModuleStream {
  return {
    kind: 'stream',
    name: nameOf(data, 'name', object),
    stream: textOf(member(data, 'stream')),
    version: textOf(member(data, 'version')),
    context: textOf(member(data, 'context')),
    arch: textOf(member(data, 'arch')),
    summary: textOf(member(data, 'summary')),
    artifacts: textsOf(member(member(data, 'artifacts'), 'rpms')),
    profiles: membersOf(member(data, 'profiles'), profile => textsOf(member(profile, 'rpms'))),
    requires: alternativesOf(member(data, 'dependencies')),
  }
}

/** A list in version 2; version 1 has one mapping. */
function alternativesOf(dependencies: Value | undefined): Map<ByteString, ByteString[]>[] {
  const alternatives = Array.isArray(dependencies)
    ? dependencies
    : dependencies === undefined
      ? []
      : [dependencies]
  return alternatives.map(alternative => membersOf(member(alternative, 'requires'), textsOf))
}

function defaultsOf(data: Value | undefined, object: string): ModuleDefaults {
  return {
    kind: 'defaults',
    name: nameOf(data, 'module', object),
    stream: textOf(member(data, 'stream')),
    profiles: membersOf(member(data, 'profiles'), textsOf),
  }
}

function obsoletesOf(data: Value | undefined, object: string): ModuleObsoletes {
  const by = member(data, 'obsoleted_by')
  return {
    kind: 'obsoletes',
    name: nameOf(data, 'module', object),
    stream: textOf(member(data, 'stream')),
    context: textOf(member(data, 'context')),
    modified: textOf(member(data, 'modified')),
    endOfLife: textOf(member(data, 'eol_date')),
    message: textOf(member(data, 'message')),
    reset: textOf(member(data, 'reset')).toLowerCase() === 'true',
    obsoletedBy:
      by === undefined
        ? undefined
        : { name: textOf(member(by, 'module')), stream: textOf(member(by, 'stream')) },
  }
}

function nameOf(data: Value | undefined, key: string, object: string): ByteString {
  const name = textOf(member(data, key))
  if (name === '') throw new YardError('invalid', `${object}: it names no module`)
  return name
}
