import { type Digest, digestOf } from '../model/index.ts'
import type { PackageRow } from './package-rows.ts'

/** A digest for tests, from any text. */
export function digestFor(text: string): Digest {
  return digestOf(Buffer.from(text))
}

/** A binary package's row; its bytes follow from name, version and `bytes`. */
export function rowFor(
  name: string,
  version: string,
  changes: Partial<PackageRow> & { bytes?: string; path?: string } = {},
): PackageRow {
  const { bytes = '', path, ...rest } = changes
  const digest = digestFor(`${name} ${version} ${bytes}`)
  const size = 1000
  return {
    family: 'deb',
    suite: 'stable',
    component: 'main',
    architecture: 'amd64',
    ownArchitecture: 'amd64',
    name,
    version,
    digest,
    source: name,
    size,
    files: [{ path: path ?? `pool/${name}_${version}_amd64.deb`, entry: { sha256: digest, size } }],
    ...rest,
  }
}
