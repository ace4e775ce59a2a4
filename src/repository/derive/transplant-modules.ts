import type { ByteString } from '../../model/index.ts'
import { idOfModule, reducedModules, type WrittenModule } from '../compose/dnf/reduce-modules.ts'

/**
 * Module documents that name of moved packages those that the source's name, and of all others those that the base's name.
 * Documents without moved packages stay as they are; defaults and obsoletes of modules that come come with them.
 * @param isMoved of a package's name.
 */
export function transplantModules(
  base: readonly WrittenModule[],
  source: readonly WrittenModule[],
  isMoved: (name: ByteString) => boolean,
): WrittenModule[] {
  const isOfMoved = (artifact: ByteString) => isMoved(nameOfArtifact(artifact))
  const speaksOfMoved = ({ read }: WrittenModule) => read.kind === 'stream' && read.artifacts.some(isOfMoved)
  const [left, right] = [artifactsOf(base), artifactsOf(source)]
  const keeps = (artifact: ByteString) => (isOfMoved(artifact) ? right : left).has(artifact)
  const ids = new Set(base.map(idOfModule))
  const modules = new Set(base.map(moduleOf))
  const coming = source.filter(one => !ids.has(idOfModule(one)))
  const streams = reducedModules(coming.filter(speaksOfMoved), keeps)
  const begun = new Set(streams.map(moduleOf).filter(name => !modules.has(name)))
  return [
    ...base.flatMap(one => (speaksOfMoved(one) ? reducedModules([one], keeps) : [one])),
    ...streams,
    ...coming.filter(one => one.read.kind !== 'stream' && begun.has(moduleOf(one))),
  ]
}

/** The names of the packages that stand in one version of a module's stream with one of these. */
export function namesBeside(documents: readonly WrittenModule[], artifact: ByteString): ByteString[] {
  return documents.flatMap(({ read }) =>
    read.kind === 'stream' && read.artifacts.includes(artifact) ? read.artifacts.map(nameOfArtifact) : [],
  )
}

function artifactsOf(documents: readonly WrittenModule[]): Set<ByteString> {
  return new Set(documents.flatMap(({ read }) => (read.kind === 'stream' ? read.artifacts : [])))
}

function moduleOf({ read }: WrittenModule): ByteString {
  return read.kind === 'other' ? '' : read.name
}

/** Of `name-epoch:version-release.arch`. */
function nameOfArtifact(artifact: ByteString): ByteString {
  return /^(.+)-[^-]+-[^-]+$/s.exec(artifact)?.[1] ?? artifact
}
