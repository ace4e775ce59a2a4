import { createHash } from 'node:crypto'
import { inOrder, type PackedEntry } from '../archive/packed-entry.ts'
import { writeCpio } from '../archive/write-cpio.ts'
import { zstdFrame } from '../archive/zstd-frame.ts'
import { formatEvr } from '../version/index.ts'
import { type RpmDependency, senseOf } from './dependencies.ts'
import { fileTags } from './file-tags.ts'
import { signatureTags, type Tag, tags } from './tags.ts'
import { type WrittenTag, writeHeader } from './write-header.ts'
import { writtenTags as more, numbers, sha256Algorithm, text, texts, translated } from './written-tags.ts'

/** A binary package to be written. Texts are byte strings. */
export interface RpmContent {
  name: string
  version: string
  release: string
  /** `noarch`, `x86_64`, `aarch64`. */
  architecture: string
  summary: string
  description: string
  license: string
  url: string
  requires: readonly RpmDependency[]
  conflicts?: readonly RpmDependency[]
  /** Shell scripts, under the names of the spec file's sections. */
  scripts?: { [kind in ScriptKind]?: string }
  /** What it installs. Directories above that it does not name belong to other packages. */
  entries: readonly PackedEntry[]
  /** Of the build and of all its files, in seconds since 1970. */
  time: number
}

type ScriptKind = keyof typeof scriptTags

/** Of rpmsenseFlags: what rpm itself must be able to do, and what a script of some moment needs. */
const rpmlibSense = 1 << 24
const scriptTags = {
  post: { body: tags.POSTIN, program: tags.POSTINPROG, sense: 1 << 10 },
  preun: { body: tags.PREUN, program: tags.PREUNPROG, sense: 1 << 11 },
  postun: { body: tags.POSTUN, program: tags.POSTUNPROG, sense: 1 << 12 },
} as const

/** What a reader must be able to do for such a package: rpm's own names, and the versions that brought them. */
const features: readonly [name: string, version: string][] = [
  ['CompressedFileNames', '3.0.4-1'],
  ['FileDigests', '4.6.0-1'],
  ['PayloadFilesHavePrefix', '4.0-1'],
  ['PayloadIsZstd', '5.4.18-1'],
]

/**
 * A binary package as rpm 4.14 and later read it: a header of version 4, a cpio payload in zstd, SHA-256 digests of header and payload,
 * not signed. The same content gives the same bytes under the same Node.
 */
export async function writeRpm(content: RpmContent): Promise<Buffer> {
  const entries = inOrder(content.entries)
  const archive = writeCpio(entries, content.time)
  const payload = await zstdFrame(archive)
  const header = writeHeader(
    sorted([
      ...identity(content),
      ...dependencies(content),
      ...scriptlets(content.scripts ?? {}),
      ...fileTags(entries, content.time),
      text(tags.PAYLOADFORMAT, 'cpio'),
      text(tags.PAYLOADCOMPRESSOR, 'zstd'),
      text(more.PAYLOADFLAGS, '10'),
      texts(tags.PAYLOADDIGEST, [sha256(payload)]),
      numbers(tags.PAYLOADDIGESTALGO, [sha256Algorithm]),
      texts(more.PAYLOADDIGESTALT, [sha256(archive)]),
    ]),
    63,
  )
  return assembleRpm(
    [
      text(signatureTags.SHA256, sha256(header)),
      numbers(more.SIGSIZE, [header.length + payload.length]),
      numbers(signatureTags.PAYLOADSIZE, [archive.length]),
    ],
    header,
    payload,
    `${content.name}-${content.version}-${content.release}`,
  )
}

/** The parts of a package in their order: lead, signature header, main header, payload. The lead is there for programs of old. */
export function assembleRpm(
  signature: readonly WrittenTag[],
  header: Buffer,
  payload: Buffer,
  name = '',
): Buffer {
  const lead = Buffer.alloc(96)
  lead.write('edabeedb03000000', 'hex')
  lead.writeUInt16BE(1, 8)
  lead.write(name.slice(0, 65), 10, 'latin1')
  lead.writeUInt16BE(1, 76)
  lead.writeUInt16BE(5, 78)
  const signatureBytes = writeHeader(signature, 62)
  const padding = Buffer.alloc(-signatureBytes.length & 7)
  return Buffer.concat([lead, signatureBytes, padding, header, payload])
}

function identity(content: RpmContent): WrittenTag[] {
  const { name, version, release, architecture, summary, description, license, url, time } = content
  return [
    texts(more.HEADERI18NTABLE, ['C']),
    text(tags.NAME, name),
    text(tags.VERSION, version),
    text(tags.RELEASE, release),
    translated(tags.SUMMARY, summary),
    translated(tags.DESCRIPTION, description),
    numbers(tags.BUILDTIME, [time]),
    text(tags.BUILDHOST, 'localhost'),
    text(tags.LICENSE, license),
    translated(tags.GROUP, 'Unspecified'),
    text(tags.URL, url),
    text(more.OS, 'linux'),
    text(tags.ARCH, architecture),
    text(tags.SOURCERPM, `${name}-${version}-${release}.src.rpm`),
    text(more.RPMVERSION, '4.14.0'),
    text(more.ENCODING, 'utf-8'),
  ]
}

/** Every script is a shell's. */
function dependencies({
  name,
  version,
  release,
  requires,
  conflicts = [],
  scripts = {},
}: RpmContent): WrittenTag[] {
  const itself = [name, senseOf('EQ'), `${version}-${release}`] as const
  const shells = Object.keys(scripts).map(
    kind => ['/bin/sh', scriptTags[kind as ScriptKind].sense, ''] as const,
  )
  const needed = [
    ...requires.map(inHeader),
    ...shells,
    ...features.map(
      ([feature, since]) => [`rpmlib(${feature})`, rpmlibSense | senseOf('LE'), since] as const,
    ),
  ]
  return [
    ...relations([tags.PROVIDENAME, tags.PROVIDEFLAGS, tags.PROVIDEVERSION], [itself]),
    ...relations([tags.REQUIRENAME, tags.REQUIREFLAGS, tags.REQUIREVERSION], needed),
    ...relations([tags.CONFLICTNAME, tags.CONFLICTFLAGS, tags.CONFLICTVERSION], conflicts.map(inHeader)),
  ]
}

type HeaderRelation = readonly [name: string, sense: number, evr: string]

function inHeader({ name, flags, evr }: RpmDependency): HeaderRelation {
  return flags === undefined || evr === undefined ? [name, 0, ''] : [name, senseOf(flags), formatEvr(evr)]
}

function relations([name, flags, version]: [Tag, Tag, Tag], all: readonly HeaderRelation[]): WrittenTag[] {
  if (all.length === 0) return []
  return [
    texts(
      name,
      all.map(relation => relation[0]),
    ),
    numbers(
      flags,
      all.map(relation => relation[1]),
    ),
    texts(
      version,
      all.map(relation => relation[2]),
    ),
  ]
}

function scriptlets(scripts: NonNullable<RpmContent['scripts']>): WrittenTag[] {
  return Object.entries(scripts).flatMap(([kind, script]) => {
    const { body, program } = scriptTags[kind as ScriptKind]
    return [text(body, script), text(program, '/bin/sh')]
  })
}

function sorted(all: WrittenTag[]): WrittenTag[] {
  return all.sort((a, b) => a.tag - b.tag)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
