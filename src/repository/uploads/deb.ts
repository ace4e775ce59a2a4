import type { AptOutput, UploadsConfiguration } from '../../config/index.ts'
import { parseDebianVersion, parseStanza, readPackageFile } from '../../formats/index.ts'
import {
  type ByteString,
  byteStringOf,
  bytesOf,
  type Digest,
  type FileEntry,
  messageOf,
  YardError,
} from '../../model/index.ts'
import { type Entry, encodePackageKey } from '../../tree/index.ts'
import { checkArchitecture } from './check-architecture.ts'
import type { UploadFormat } from './upload-format.ts'

/** Uploads of binary packages of Debian's format. */
export function debUploads(repository: UploadsConfiguration, output: AptOutput): UploadFormat {
  return {
    suffix: '.deb',
    async read(bytes, object) {
      // Reading the files' archive to its end proves that dpkg can unpack it.
      const file = await readPackageFile(bytes, object, { entry: async () => undefined })
      // It may share memory with the file's bytes, which are only lent.
      const control = Buffer.from(withoutBlankEnd(file.control))
      const fields = readControl(control, object)
      const { name, version, architecture, source } = fields
      checkArchitecture(repository, architecture, 'all', object)
      return {
        name,
        version,
        architecture,
        path: poolPath(output.component, source, name, version, architecture),
        entries: (file, path) =>
          debEntries(
            repository,
            output,
            { name, version, architecture },
            file.sha256,
            stanzaOf(control, file, path),
          ),
      }
    },
  }
}

interface DebIdentity {
  name: ByteString
  version: ByteString
  architecture: ByteString
}

/** A package in the index of every architecture that it belongs to: `all` belongs to each. */
export function debEntries(
  { architectures }: UploadsConfiguration,
  { suite, component }: AptOutput,
  { name, version, architecture: own }: DebIdentity,
  digest: Digest,
  value: Buffer,
): Entry[] {
  return architectures
    .filter(architecture => own === 'all' || own === architecture)
    .map(architecture => ({
      key: encodePackageKey({ family: 'deb', suite, component, architecture, name, version, digest }),
      value,
    }))
}

/** As Debian's pool: below the source package's name and the beginning of that (`libfoo` has `libf`). */
function poolPath(
  component: ByteString,
  source: ByteString,
  name: ByteString,
  version: ByteString,
  architecture: ByteString,
): ByteString {
  const prefix = source.slice(0, source.startsWith('lib') ? 4 : 1)
  const withoutEpoch = version.slice(version.indexOf(':') + 1)
  return `pool/${component}/${prefix}/${source}/${name}_${withoutEpoch}_${architecture}.deb`
}

/** Without the line breaks and blanks at its end. */
function withoutBlankEnd(control: Buffer): Buffer {
  let end = control.length
  while (end > 0 && [9, 10, 13, 32].includes(control[end - 1]!)) end--
  return control.subarray(0, end)
}

/** The control stanza as it is, and behind it what only an index says. */
function stanzaOf(control: Buffer, { sha256, size }: FileEntry, path: ByteString): Buffer {
  return Buffer.concat([control, bytesOf(`\nFilename: ${path}\nSize: ${size}\nSHA256: ${sha256}\n`)])
}

const wordOfName = /^[A-Za-z0-9][A-Za-z0-9+._-]*$/
const wordOfArchitecture = /^[a-z0-9][a-z0-9-]*$/

/** What only an index says; a control file with one of these would contradict it. */
const fieldsOfIndexes = ['filename', 'size', 'sha256', 'sha512', 'sha1', 'md5sum', 'description-md5']

/** What the repository needs of a control file, which apt must be able to read in an index. @throws YardError `invalid`, `refused`. */
function readControl(control: Buffer, object: string): DebIdentity & { source: ByteString } {
  const where = `${object}: its control file`
  if (/^#/m.test(byteStringOf(control)))
    throw invalid(where, 'it has a comment, which apt cannot read in an index')
  const stanza = parseStanza(control, where)
  const field = (name: string) => stanza.get(name.toLowerCase())
  for (const name of fieldsOfIndexes)
    if (stanza.has(name)) throw invalid(where, `it has the field ${name}, which only an index has`)
  if (field('Package-Type') === 'udeb') throw refusedKind(object, 'a package for the installer (udeb)')
  const name = word(field('Package'), 'Package', wordOfName, where)
  const architecture = word(field('Architecture'), 'Architecture', wordOfArchitecture, where)
  const source = /^(\S+)(?:\s*\([^()]*\))?$/.exec(field('Source') ?? name)?.[1]
  return {
    name,
    version: checkedVersion(field('Version'), where),
    architecture,
    source: word(source, 'Source', wordOfName, where),
  }
}

function word(value: ByteString | undefined, name: string, pattern: RegExp, where: string): ByteString {
  if (value === undefined) throw invalid(where, `it has no valid ${name}`)
  if (!pattern.test(value)) throw invalid(where, `${JSON.stringify(value.slice(0, 200))} is no valid ${name}`)
  return value
}

function checkedVersion(version: ByteString | undefined, where: string): ByteString {
  try {
    parseDebianVersion(version ?? '')
    return version!
  } catch (error) {
    throw invalid(where, messageOf(error))
  }
}

function invalid(where: string, why: string): YardError {
  return new YardError('invalid', `${where}: ${why}`)
}

/** What is made for other things than being installed by apt. */
export function refusedKind(object: string, kind: string): YardError {
  return new YardError(
    'refused',
    `${object} is refused: it is ${kind}; only binary packages (.deb) are taken`,
  )
}
