import type { Selector } from '../../../config/index.ts'
import { type Advisory, advisoryTime, type Comps } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import type { WrittenAdvisory } from './group-documents.ts'
import { nevraOfAdvised } from './group-entries.ts'
import type { WrittenModule } from './reduce-modules.ts'

type AdvisoryRespects = Omit<Extract<Selector, { kind: 'advisory' }>, 'kind'>

/** Names of the packages of a group, or of all groups that an environment is made of, but for optional ones. */
export function packagesOfGroup({ groups, environments }: Comps, id: ByteString): Set<ByteString> {
  const wanted = new Set([
    id,
    ...environments.filter(environment => environment.id === id).flatMap(environment => environment.groups),
  ])
  return new Set(
    groups
      .filter(group => wanted.has(group.id))
      .flatMap(({ packages }) => packages.filter(({ type }) => type !== 'optional'))
      .map(({ name }) => name),
  )
}

/** The artifacts of a module's stream, in all its versions and contexts; without a stream, of its default one. */
export function artifactsOf(
  modules: readonly WrittenModule[],
  wanted: { name: ByteString; stream: ByteString | undefined },
): Set<ByteString> {
  const stream = wanted.stream ?? defaultStream(modules, wanted.name)
  return new Set(
    modules.flatMap(({ read }) =>
      read.kind === 'stream' && read.name === wanted.name && read.stream === stream ? read.artifacts : [],
    ),
  )
}

function defaultStream(modules: readonly WrittenModule[], name: ByteString): ByteString | undefined {
  for (const { read } of modules)
    if (read.kind === 'defaults' && read.name === name && read.stream !== '') return read.stream
  return undefined
}

/** What the advisories that fit in every respect ask to install, as `name-epoch:version-release.arch`. */
export function packagesAdvised(
  advisories: readonly WrittenAdvisory[],
  respects: AdvisoryRespects,
): Set<ByteString> {
  return new Set(
    advisories
      .filter(({ read }) => fits(read, respects))
      .flatMap(({ read }) => read.collections.flatMap(({ packages }) => packages.map(nevraOfAdvised))),
  )
}

function fits(advisory: Advisory, { id, type, severity, since, until }: AdvisoryRespects): boolean {
  const issued = advisoryTime(advisory.issued)
  const newest = Math.max(issued ?? Number.NaN, advisoryTime(advisory.updated) ?? issued ?? Number.NaN)
  return (
    (id === undefined || advisory.id === id) &&
    (type === undefined || advisory.type === type) &&
    (severity === undefined || (advisory.severity || 'None') === severity) &&
    (since === undefined || newest >= Date.parse(since)) &&
    (until === undefined || (issued !== undefined && issued < Date.parse(until)))
  )
}
