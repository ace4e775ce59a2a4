import { fieldsOf, selectFields } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'

/** What decides whether a package can be installed; everything else of its stanza is forgotten. */
export interface Facts {
  name: ByteString
  version: ByteString
  /** Its own: `all` for what runs everywhere. */
  architecture: ByteString
  /** Part of every installation. */
  essential: boolean
  /** `Multi-Arch: allowed`: what `name:any` asks for. */
  allowed: boolean
  /** Between the commas of Pre-Depends and Depends: each must be satisfied. */
  depends: ByteString[]
  /** Between the commas of Conflicts and Breaks: none may be there. */
  conflicts: ByteString[]
  provides: ByteString[]
}

const selection = selectFields(
  'Package',
  'Version',
  'Architecture',
  'Essential',
  'Multi-Arch',
  'Pre-Depends',
  'Depends',
  'Conflicts',
  'Breaks',
  'Provides',
)

/** @throws YardError `invalid` naming `object` for a stanza that is none. */
export function readFacts(stanza: Buffer, object: string): Facts {
  const [
    name,
    version,
    architecture,
    essential,
    multiArch,
    preDepends,
    depends,
    conflicts,
    breaks,
    provides,
  ] = fieldsOf(stanza, selection, object)
  return {
    name: name ?? '',
    version: version ?? '',
    architecture: architecture ?? '',
    essential: essential?.toLowerCase() === 'yes',
    allowed: multiArch?.toLowerCase() === 'allowed',
    depends: [...itemsOf(preDepends), ...itemsOf(depends)],
    conflicts: [...itemsOf(conflicts), ...itemsOf(breaks)],
    provides: itemsOf(provides),
  }
}

const none: ByteString[] = []

/** What stands between the commas; nothing behind the last one, as apt reads it. */
function itemsOf(field: ByteString | undefined): ByteString[] {
  if (field === undefined) return none
  return field
    .split(',')
    .map(trimmed)
    .filter(item => item !== '')
}

const blankEnds = /^[ \t\r\n]+|[ \t\r\n]+$/g

/** `trim` takes the byte A0, too, which is none of these blanks; most items have one space in front. */
function trimmed(item: ByteString): ByteString {
  return item.replace(blankEnds, '')
}
