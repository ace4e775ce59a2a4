export type {
  AptUpstream,
  ComposeConfiguration,
  Configuration,
  MirrorConfiguration,
  RepositoryConfiguration,
  SecretSource,
  TransportConfiguration,
} from './configuration.ts'
