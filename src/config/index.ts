export { type AptSource, type DebianArchive, debianArchive, parseAptSources } from './apt-sources.ts'
export type {
  AptOutput,
  AptUpstream,
  ComposeConfiguration,
  Configuration,
  DnfOutput,
  DnfUpstream,
  Format,
  MirrorConfiguration,
  Output,
  RepositoryConfiguration,
  SecretSource,
  Selector,
  TransportConfiguration,
  UploadsConfiguration,
  Upstream,
} from './configuration.ts'
export { type InitialConfiguration, initialConfiguration } from './initial-configuration.ts'
export { nearestName } from './nearest-name.ts'
export { readConfiguration } from './read-configuration.ts'
export { jsonSchema } from './schema.ts'
export type { JsonSchema } from './shape.ts'
