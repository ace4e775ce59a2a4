export { shortOrLong } from './alternatives.ts'
export { type AptSource, type DebianArchive, debianArchive, parseAptSources } from './apt-sources.ts'
export type {
  AptOutput,
  AptUpstream,
  ChannelConfiguration,
  ComposeConfiguration,
  Configuration,
  DnfOutput,
  DnfUpstream,
  Format,
  HostsConfiguration,
  MirrorConfiguration,
  Output,
  RepositoryConfiguration,
  SecretSource,
  Selector,
  TrainConfiguration,
  TransportConfiguration,
  UploadsConfiguration,
  Upstream,
} from './configuration.ts'
export { dictionary } from './dictionary.ts'
export type { GateConfiguration, GateShape, GateShapes } from './gates-schema.ts'
export { type InitialConfiguration, initialConfiguration } from './initial-configuration.ts'
export type { LockedRelease, LockedSnapshot, LockedState } from './lock-file.ts'
export { lockJsonSchema } from './lock-schema.ts'
export { nearestName } from './nearest-name.ts'
export { defaulting, object, optional, required } from './object.ts'
export { readConfiguration } from './read-configuration.ts'
export { readLockFile } from './read-lock-file.ts'
export { jsonSchema } from './schema.ts'
export { boolean, choice, integer, type JsonSchema, list, mapped, type Shape, text } from './shape.ts'
export { type Amount, amount, duration, glob, name, suite, timeout } from './values.ts'
export { writeLockFile } from './write-lock-file.ts'
