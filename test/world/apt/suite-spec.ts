import type { KeyState } from '../signing.ts'
import type { Compression } from './compress.ts'
import type { PackageSpec } from './deb-package.ts'

/** A source package of a test archive: a .dsc and one tarball. */
export interface SourceSpec {
  name: string
  version: string
}

/** One suite of a test archive; everything but its name has a default. */
export interface SuiteSpec {
  /** A distribution such as `stable`, or the directory of a flat repository: `./`, `flat/`. */
  name: string
  /** By component; a flat repository has the one component ''. Default: `main`, empty. */
  packages?: { [component: string]: PackageSpec[] }
  /** By component; Sources indexes are written when this is given. */
  sources?: { [component: string]: SourceSpec[] }
  /** Default: amd64. `all` among them gives `binary-all` its own index. */
  architectures?: string[]
  /** Compressions that Release names. Default: none, gz, xz. */
  compressions?: Compression[]
  /** Those of them that the server has. Default: all but `none`. */
  served?: Compression[]
  /** Contents, Translation, dep11, cnf and a component's own Release. Default: false. */
  extras?: boolean
  /** A patch index with one patch for every Packages. Default: false. */
  patches?: boolean
  /** Default: true. */
  byHash?: boolean
  /** Digests that Release gives. Default: MD5Sum, SHA256. */
  digests?: ('MD5Sum' | 'SHA1' | 'SHA256' | 'SHA512')[]
  /** Milliseconds since the epoch. Default: a day ago, a minute later with every update. */
  date?: number
  validUntil?: number
  /** Further fields of Release, or others instead of Origin, Label, Suite, Codename. */
  fields?: { [field: string]: string }
  /** Default: good. */
  key?: KeyState
  /** Which signed documents there are. Default: both. */
  documents?: ('InRelease' | 'Release' | 'Release.gpg')[]
}
