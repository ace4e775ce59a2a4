import type { Tag } from './tags.ts'
import type { WrittenTag } from './write-header.ts'

/** Tags that we write and nobody reads, under rpm's own names (rpmtag.h). */
export const writtenTags = {
  HEADERI18NTABLE: 100,
  OS: 1021,
  FILESIZES: 1028,
  FILERDEVS: 1033,
  FILEMTIMES: 1034,
  FILEDIGESTS: 1035,
  FILELINKTOS: 1036,
  FILEUSERNAME: 1039,
  FILEGROUPNAME: 1040,
  FILEVERIFYFLAGS: 1045,
  RPMVERSION: 1064,
  FILEDEVICES: 1095,
  FILEINODES: 1096,
  FILELANGS: 1097,
  PAYLOADFLAGS: 1126,
  FILEDIGESTALGO: 5011,
  ENCODING: 5062,
  PAYLOADDIGESTALT: 5097,
  SIGSIZE: 1000,
} as const

/** The number by which rpm knows SHA-256. */
export const sha256Algorithm = 8

function numberOf(tag: Tag | number): number {
  return typeof tag === 'number' ? tag : tag.number
}

/** INT16. */
export function shorts(tag: Tag | number, values: number[]): WrittenTag {
  return { tag: numberOf(tag), type: 3, values }
}

export function numbers(tag: Tag | number, values: number[]): WrittenTag {
  return { tag: numberOf(tag), type: 4, values }
}

export function text(tag: Tag | number, value: string): WrittenTag {
  return { tag: numberOf(tag), type: 6, values: [value] }
}

export function texts(tag: Tag | number, values: string[]): WrittenTag {
  return { tag: numberOf(tag), type: 8, values }
}

export function translated(tag: Tag | number, value: string): WrittenTag {
  return { tag: numberOf(tag), type: 9, values: [value] }
}
