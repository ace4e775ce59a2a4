import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
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
  const doc = `./usr/share/doc/${name}`
  const files: [string, Buffer][] = [
    [`./usr/share/switchyard-test/${name}`, Buffer.from(`${name} ${content}\n`)],
    ...(changelog === undefined
      ? []
      : ([[`${doc}/changelog.Debian.gz`, gzipSync(changelog)]] satisfies [string, Buffer][])),
    ...(weight === 0
      ? []
      : ([[`./usr/share/switchyard-test/${name}.bin`, noise(weight, name)]] satisfies [string, Buffer][])),
    ...Object.entries(more).map(([path, text]): [string, Buffer] => [`.${path}`, Buffer.from(text)]),
  ]
  const data = tarOf([...directoriesOf(files.map(([path]) => path)), ...files])
  const control = tarOf([
    ['./', undefined],
    ['./control', Buffer.from(`${controlOf(spec)}\n`)],
    ...Object.entries(scripts).map(([script, text]): [string, Buffer] => [`./${script}`, Buffer.from(text)]),
  ])
  return arOf([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', gzipSync(control, { level: 1 })],
    weight === 0 ? ['data.tar.gz', gzipSync(data, { level: 1 })] : ['data.tar', data],
  ])
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

function directoriesOf(paths: string[]): [string, undefined][] {
  const found = new Set<string>(['./'])
  for (const path of paths)
    for (let slash = path.indexOf('/', 2); slash >= 0; slash = path.indexOf('/', slash + 1))
      found.add(path.slice(0, slash + 1))
  return [...found].map(path => [path, undefined])
}

function tarOf(members: [path: string, body: Buffer | undefined][]): Buffer {
  const blocks = members.flatMap(([path, body]) => {
    const header = Buffer.alloc(512)
    header.write(path, 0)
    header.write(body === undefined ? '0000755\0' : '0000644\0', 100)
    header.write('0000000\0', 108)
    header.write('0000000\0', 116)
    header.write(`${(body?.length ?? 0).toString(8).padStart(11, '0')}\0`, 124)
    header.write(`${(1_600_000_000).toString(8).padStart(11, '0')}\0`, 136)
    header.write('        ', 148)
    header.write(body === undefined ? '5' : '0', 156)
    header.write('ustar\x0000root', 257)
    header.write('root', 297)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    const padding = Buffer.alloc((512 - ((body?.length ?? 0) % 512)) % 512)
    return body === undefined ? [header] : [header, body, padding]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

function arOf(members: [name: string, body: Buffer][]): Buffer {
  const parts = members.flatMap(([name, body]) => [
    Buffer.from(
      `${name.padEnd(16)}${'1600000000'.padEnd(12)}0     0     100644  ${String(body.length).padEnd(10)}\`\n`,
    ),
    body,
    Buffer.from(body.length % 2 === 1 ? '\n' : ''),
  ])
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts])
}
