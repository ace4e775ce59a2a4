import type { ByteString, Name } from '../model/index.ts'

/** `switchyard.yaml` after validation: every default filled in, nothing left to check. Durations in seconds, sizes in bytes. */
export interface Configuration {
  /** Absolute path of the file it was read from, for messages. */
  file: string
  repositories: Map<Name, RepositoryConfiguration>
  server: { listen: { host: string; port: number } }
  keys: { algorithm: 'rsa4096' | 'ed25519'; userId: string }
  /** How long and how many replaced snapshots `latest` still answers. */
  latest: { keepSeconds: number; keepAtLeast: number }
  database: { kind: 'sqlite' } | { kind: 'postgresql'; url: string }
}

export type RepositoryConfiguration = MirrorConfiguration | ComposeConfiguration

interface RepositoryBase {
  name: Name
  policy: 'immediate' | 'on-demand'
  /** Directories (an existing mirror or pool) from which wanted blobs are taken by digest before the network is asked. */
  seed: string[]
  /** `file:line` of its key, for messages. */
  position: string
}

export interface MirrorConfiguration extends RepositoryBase {
  kind: 'mirror'
  upstream: AptUpstream
  /** Tried for blobs that every mirror of `upstream` has lost. */
  fallback: string[]
}

export interface AptUpstream {
  format: 'apt'
  /** Base URLs (`https://mirror.example.org/debian`), the first preferred; no trailing slash. */
  urls: string[]
  /** Suites (`bookworm`, `bookworm/updates`); a flat repository names a directory that ends in `/` (`./` for the root). */
  suites: ByteString[]
  /** Empty for flat repositories; else at least one. */
  components: ByteString[]
  /** At least one, without `all` and `source`. */
  architectures: ByteString[]
  sources: boolean
  /** The debian-installer's udebs and images are left out unless asked for. */
  installer: boolean
  /** Keyring file (binary or armoured), absolute; undefined only with `trusted: true`. */
  keyring: string | undefined
  trusted: boolean
  /** `false` accepts an expired Valid-Until. */
  checkValidUntil: boolean
  transport: TransportConfiguration
}

export interface TransportConfiguration {
  /** Requests under way at once. */
  concurrency: number
  /** Bytes a second over all requests of the repository; undefined: no limit. */
  rateLimit: number | undefined
  /** Attempts per URL before the next mirror is tried. */
  attempts: number
  connectTimeoutSeconds: number
  /** Without a byte. */
  idleTimeoutSeconds: number
  /** Proxy URL; undefined: the environment's (`http_proxy`, `https_proxy`, `no_proxy`), then apt's own; `none`: no proxy. */
  proxy: string | undefined
  /** Secrets are read from files or the environment, never written in the configuration. */
  basicAuth: { username: string; password: SecretSource } | undefined
  headers: { name: string; value: SecretSource }[]
  clientCertificate: { certificate: string; key: string } | undefined
  certificateAuthority: string | undefined
}

export type SecretSource =
  | { kind: 'file'; path: string }
  | { kind: 'environment'; variable: string }
  | { kind: 'plain'; value: string }

export interface ComposeConfiguration extends RepositoryBase {
  kind: 'compose'
  /** Input repositories; all exist and none depends on this one. */
  from: Name[]
  /** Globs over binary package names; empty `include` means everything. */
  include: string[]
  exclude: string[]
  withDependencies: boolean
  /** With dependencies: follow Recommends too. */
  recommends: boolean
  /** Inputs whose packages win over others' of the same name, whatever the version; the rest compete by version. */
  prefer: Name[]
  /** Keep only the best version of each package; `false` keeps all versions. */
  newestOnly: boolean
  architectures: ByteString[]
  suite: string
  codename: string
  component: ByteString
  origin: string
  label: string
  compression: ('gz' | 'xz')[]
  /** Days after Date; undefined: no Valid-Until. */
  validDays: number | undefined
  phasing: 'keep' | 'strip'
}
