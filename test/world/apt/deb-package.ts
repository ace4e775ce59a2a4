import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type PackedEntry, withParents } from '../../../src/formats/archive/packed-entry.ts'
import { writeAr } from '../../../src/formats/archive/write-ar.ts'
import { writeTar } from '../../../src/formats/archive/write-tar.ts'
import { hash } from '../hash.ts'

/** A binary package of a test archive; everything but its name has a default. */
export interface PackageSpec {
  name: string
  /** Default: 1.0-1. */
  version?: string
  /** Default: amd64. */
  architecture?: string
  /** Further fields of its control file: Depends, Provides, Source, ... */
  fields?: { [field: string]: string }
  /** The text of its changelog.Debian. */
  changelog?: string
  /** Other text gives other bytes. */
  content?: string
  /** About so many incompressible bytes inside. */
  weight?: number
  /** Its maintainer scripts by their names: `postinst`. */
  scripts?: { [name: string]: string }
  /** Further files by their absolute paths. */
  files?: { [path: string]: string }
  /** The whole file where another program has built it, from the control file that `controlOf` gives. */
  bytes?: Buffer
  /** Where it lies; default: as Debian's pool, with the epoch's colon as `%3a`. */
  path?: string
  /** Fields that only the index has: Phased-Update-Percentage. */
  indexFields?: { [field: string]: string }
}

export interface BuiltPackage {
  spec: PackageSpec
  path: string
  bytes: Buffer
  /** Its stanza in Packages, without the blank line. */
  stanza: string
}

/** A real .deb, made without a process: dpkg-deb reads and unpacks it. */
export function buildDeb(spec: PackageSpec): Buffer {
  const { name, changelog, content = '', weight = 0, scripts = {}, files: more = {} } = spec
  const data = tarOf({
    [`/usr/share/switchyard-test/${name}`]: `${name} ${content}\n`,
    ...(changelog !== undefined && { [`/usr/share/doc/${name}/changelog.Debian.gz`]: gzipSync(changelog) }),
    ...(weight !== 0 && { [`/usr/share/switchyard-test/${name}.bin`]: noise(weight, name) }),
    ...more,
  })
  const control = tarOf({
    '/control': `${controlOf(spec)}\n`,
    ...Object.fromEntries(Object.entries(scripts).map(([script, text]) => [`/${script}`, text])),
  })
  return writeAr(
    [
      ['debian-binary', Buffer.from('2.0\n')],
      ['control.tar.gz', gzipSync(control, { level: 1 })],
      weight === 0 ? ['data.tar.gz', gzipSync(data, { level: 1 })] : ['data.tar', data],
    ],
    packedAt,
  )
}

const packedAt = 1_600_000_000

function tarOf(files: { [path: string]: string | Buffer }): Buffer {
  const entries = Object.entries(files).map(
    ([path, content]): PackedEntry => ({
      type: 'file',
      path,
      mode: 0o644,
      bytes: Buffer.from(content),
    }),
  )
  return writeTar(withParents(entries), packedAt)
}

/** The package with its place in the pool and its stanza. */
export function buildPackage(spec: PackageSpec, component: string): BuiltPackage {
  const bytes = cachedDeb(spec)
  const path = spec.path ?? poolPath(spec, component)
  const stanza = [
    controlOf(spec),
    `Filename: ${path}`,
    `Size: ${bytes.length}`,
    `MD5sum: ${hash('md5', bytes)}`,
    `SHA256: ${hash('sha256', bytes)}`,
    ...Object.entries(spec.indexFields ?? {}).map(([field, value]) => `${field}: ${value}`),
  ].join('\n')
  return { spec, path, bytes, stanza }
}

const built = new Map<string, Buffer>()

function cachedDeb(spec: PackageSpec): Buffer {
  if (spec.bytes !== undefined) return spec.bytes
  const { path: _, indexFields: __, ...made } = spec
  const key = JSON.stringify(made)
  const bytes = built.get(key) ?? buildDeb(spec)
  built.set(key, bytes)
  return bytes
}

/** The text of its control file, without the last end of line. */
export function controlOf({
  name,
  version = '1.0-1',
  architecture = 'amd64',
  fields = {},
}: PackageSpec): string {
  return [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: Nobody <nobody@example.org>',
    ...Object.entries(fields).map(([field, value]) => `${field}: ${value}`),
    `Description: the package ${name}`,
    ' It is made for tests.',
  ].join('\n')
}

function poolPath(
  { name, version = '1.0-1', architecture = 'amd64', fields }: PackageSpec,
  component: string,
): string {
  const source = fields?.Source?.split(' ')[0] ?? name
  const prefix = source.startsWith('lib') ? source.slice(0, 4) : source.slice(0, 1)
  return `pool/${component}/${prefix}/${source}/${name}_${version.replace(':', '%3a')}_${architecture}.deb`
}

/** Bytes that no compressor makes smaller, the same for the same seed. */
function noise(length: number, seed: string): Buffer {
  const chunks: Buffer[] = []
  let state = createHash('sha512').update(seed).digest()
  for (let size = 0; size < length; size += state.length) {
    state = createHash('sha512').update(state).digest()
    chunks.push(state)
  }
  return Buffer.concat(chunks).subarray(0, length)
}
