import { type ByteString, checkPath, YardError } from '../../model/index.ts'
import { type Checksum, readChecksum } from './checksum.ts'
import { type IniFile, parseIni } from './ini.ts'

/** A file that a treeinfo names for one purpose: `kernel`, `initrd`, `boot.iso`, `mainimage`, ... */
export interface TreeFile {
  purpose: ByteString
  /** Relative to the treeinfo. */
  path: ByteString
}

/** A part of the distribution. */
export interface TreeVariant {
  id: ByteString
  /** The name of its section behind `variant-`. */
  uid: ByteString
  /** As written, relative to the treeinfo; they may lie beside it (`../../AppStream/...`). Empty where not named. */
  repository: ByteString
  packages: ByteString
}

/** What a `.treeinfo` says: an installation tree beside a repository. */
export interface Treeinfo {
  /** Empty where not said. */
  family: ByteString
  version: ByteString
  arch: ByteString
  /** Files that are proved, by path relative to the treeinfo. */
  checksums: { path: ByteString; checksum: Checksum }[]
  /** By platform: the architecture, or `xen`. */
  images: { platform: ByteString; files: TreeFile[] }[]
  /** The installer. */
  stage2: TreeFile[]
  variants: TreeVariant[]
  /** Everything as it stands, by section and key. */
  sections: IniFile
}

/**
 * Reads a `.treeinfo` or `treeinfo` (productmd 1.x, and the older form with `[general]`). `object` names it in messages.
 * @throws YardError `invalid`: a line that is none of an INI file's, a section or key that stands twice, an unsafe path, a
 *   malformed digest or an unknown algorithm.
 */
export function parseTreeinfo(bytes: Buffer, object: string): Treeinfo {
  const sections = parseIni(bytes, object)
  const value = (section: string, key: string) => sections.get(section)?.get(key)
  return {
    family: value('release', 'name') ?? value('general', 'family') ?? '',
    version: value('release', 'version') ?? value('general', 'version') ?? '',
    arch: value('tree', 'arch') ?? value('general', 'arch') ?? '',
    checksums: entriesOf(sections, 'checksums').map(([path, text]) => ({
      path: checkPath(path, `${object}: checksums`),
      checksum: checksumOf(text, `${object}: checksums: ${JSON.stringify(path.slice(0, 200))}`),
    })),
    images: sectionsAfter(sections, 'images-').map(platform => ({
      platform,
      files: filesOf(sections, `images-${platform}`, object),
    })),
    stage2: filesOf(sections, 'stage2', object),
    variants: sectionsAfter(sections, 'variant-').map(uid => variantOf(sections, uid)),
    sections,
  }
}

function entriesOf(sections: IniFile, section: string): [ByteString, ByteString][] {
  return [...(sections.get(section) ?? [])]
}

function sectionsAfter(sections: IniFile, prefix: string): ByteString[] {
  return [...sections.keys()].filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length))
}

function filesOf(sections: IniFile, section: string, object: string): TreeFile[] {
  return entriesOf(sections, section).map(([purpose, path]) => ({
    purpose,
    path: checkPath(path, `${object}: ${section}`),
  }))
}

/** `sha256:0123...` */
function checksumOf(text: ByteString, where: string): Checksum {
  const colon = text.indexOf(':')
  if (colon < 0)
    throw new YardError('invalid', `${where}: not "algorithm:digest": ${JSON.stringify(text.slice(0, 80))}`)
  return readChecksum(text.slice(0, colon), text.slice(colon + 1), () => where)
}

function variantOf(sections: IniFile, uid: ByteString): TreeVariant {
  const values = sections.get(`variant-${uid}`)
  const text = (key: string) => values?.get(key) ?? ''
  return { uid, id: values?.get('id') ?? uid, repository: text('repository'), packages: text('packages') }
}
