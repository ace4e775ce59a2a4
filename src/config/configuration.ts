import type { ByteString, Name } from '../model/index.ts'
import type { GateConfiguration } from './gates-schema.ts'

/** `switchyard.yaml` after validation: every default filled in, nothing left to check. Durations in seconds, sizes in bytes. */
export interface Configuration {
  /** Absolute path of the file it was read from, for messages. */
  file: string
  repositories: Map<Name, RepositoryConfiguration>
  trains: Map<Name, TrainConfiguration>
  server: { listen: { host: string; port: number }; hosts?: HostsConfiguration | undefined }
  keys: { algorithm: 'rsa4096' | 'ed25519'; userId: string }
  /** How long and how many replaced snapshots `latest` still answers. */
  latest: { keepSeconds: number; keepAtLeast: number }
  database: { kind: 'sqlite' } | { kind: 'postgresql'; url: string }
}

/** The door for hosts: HTTPS under a name that its certificate has. */
export interface HostsConfiguration {
  name: string
  listen: { host: string; port: number }
  /** URLs of copies of `/departures/`, beside the server's own. */
  places: string[]
}

/** A declared product line: which repositories travel together, through which channels, past which gates. */
export interface TrainConfiguration {
  name: Name
  /** At least one. */
  repositories: Name[]
  /** In the order of the file. */
  channels: Map<Name, ChannelConfiguration>
  /** What every file of a release must be when it is cut. */
  complete: 'local' | 'fetchable'
  /** `file:line` of its key, for messages. */
  position: string
}

export interface ChannelConfiguration {
  name: Name
  /** The channel that a release must be in before it enters this one. */
  after: Name | undefined
  gates: GateConfiguration[]
  /** Whether Release files get a fresh date and our signature. */
  seal: boolean
  /** How long and how many replaced releases are still answered. */
  keepSeconds: number
  keepAtLeast: number
}

/** The formats of repositories, by the client that reads them. */
export type Format = 'apt' | 'dnf'

export type RepositoryConfiguration = MirrorConfiguration | ComposeConfiguration | UploadsConfiguration

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
  upstream: Upstream
  /** Tried for blobs that every mirror of `upstream` has lost. */
  fallback: string[]
}

export type Upstream = AptUpstream | DnfUpstream

interface UpstreamBase {
  /** Base URLs (`https://mirror.example.org/debian`), the first preferred; no trailing slash. */
  urls: string[]
  /** Keyring file (binary or armoured), absolute; undefined where no keys are named. */
  keyring: string | undefined
  /** `true`: nothing vouches for what is read. */
  trusted: boolean
  transport: TransportConfiguration
}

/** An APT archive; its keyring is undefined only with `trusted: true`. */
export interface AptUpstream extends UpstreamBase {
  format: 'apt'
  /** Suites (`bookworm`, `bookworm/updates`); a flat repository names a directory that ends in `/` (`./` for the root). */
  suites: ByteString[]
  /** Empty for flat repositories; else at least one. */
  components: ByteString[]
  /** At least one, without `all` and `source`. */
  architectures: ByteString[]
  sources: boolean
  /** The debian-installer's udebs and images are left out unless asked for. */
  installer: boolean
  /** `false` accepts an expired Valid-Until. */
  checkValidUntil: boolean
}

/** An RPM repository with repodata. `urls` is empty where `mirrors` names a list of them. */
export interface DnfUpstream extends UpstreamBase {
  format: 'dnf'
  /** Where the list of base URLs is read from, at every sync. */
  mirrors: { kind: 'mirrorlist' | 'metalink'; url: string } | undefined
  /** What vouches for it: a signature of repomd.xml, a metalink over TLS, or each package's own; undefined only with `trusted: true`. */
  verify: 'metadata' | 'metalink' | 'packages' | undefined
  /** The installation tree too, which nobody signs. */
  kickstart: boolean
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

/** A repository put together from others; its metadata is ours. */
export interface ComposeConfiguration extends RepositoryBase {
  kind: 'compose'
  /** Input repositories of one format; all exist and none depends on this one. */
  from: Name[]
  /** What is taken; empty means everything. */
  include: Selector[]
  exclude: Selector[]
  withDependencies: boolean
  /** With dependencies: follow Recommends too. */
  recommends: boolean
  /** Inputs whose packages win over others' of the same name, whatever the version; the rest compete by version. */
  prefer: Name[]
  /** How many versions of a package are kept, the best ones; Infinity keeps all. */
  versions: number
  /** Wanted ones; of RPM repositories without the neutral `noarch`, and empty for all. */
  architectures: ByteString[]
  output: Output
}

/** A repository of packages that were uploaded; its metadata is ours. */
export interface UploadsConfiguration extends RepositoryBase {
  kind: 'uploads'
  policy: 'immediate'
  /** Keyring file whose keys must have signed every package; undefined: packages need no signature. */
  keyring: string | undefined
  /** As of a composition. */
  architectures: ByteString[]
  output: Output
}

/** What a selection of packages names. Globs are `*`, `?` and `[a-z]`. */
export type Selector =
  /** A package's name; of RPM also `name-version-release.architecture`, as dnf writes it. */
  | { kind: 'package'; glob: string }
  /** The name of the source that it was built from. */
  | { kind: 'source'; glob: string }
  /** The packages of a module's stream; without a stream, of its default one. */
  | { kind: 'module'; name: string; stream: string | undefined }
  /** What a group of comps.xml names, or all groups of an environment, but for optional packages. */
  | { kind: 'group'; id: string }
  /** The packages of advisories that fit in every respect that is given. */
  | ({ kind: 'advisory' } & AdvisoryRespects)

/** At least one is given. */
export interface AdvisoryRespects {
  id?: string | undefined
  type?: string | undefined
  severity?: string | undefined
  /** A day such as `2026-11-21`: issued or updated then or later. */
  since?: string | undefined
  /** Likewise: issued before it. */
  until?: string | undefined
}

/** How the metadata that we write looks. */
export type Output = AptOutput | DnfOutput

export interface AptOutput {
  format: 'apt'
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

export interface DnfOutput {
  format: 'dnf'
  compression: 'gz' | 'zst'
}
