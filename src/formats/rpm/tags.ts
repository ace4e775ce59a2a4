/** What a tag's data become: byte strings, numbers up to 2^53, or bytes; one of them or an array. */
export interface TagValues {
  string: string
  strings: string[]
  number: number
  numbers: number[]
  bytes: Buffer
}

export type TagKind = keyof TagValues

/** A tag of a header, by its number, and what its data are. A text in several languages is `string`: the untranslated one. */
export interface Tag<K extends TagKind = TagKind> {
  readonly number: number
  readonly kind: K
}

const string = (number: number): Tag<'string'> => ({ number, kind: 'string' })
const strings = (number: number): Tag<'strings'> => ({ number, kind: 'strings' })
const number = (number: number): Tag<'number'> => ({ number, kind: 'number' })
const numbers = (number: number): Tag<'numbers'> => ({ number, kind: 'numbers' })
const bytes = (number: number): Tag<'bytes'> => ({ number, kind: 'bytes' })

/** The tags of a main header that we read, under rpm's own names (rpmtag.h). */
export const tags = {
  NAME: string(1000),
  VERSION: string(1001),
  RELEASE: string(1002),
  EPOCH: number(1003),
  SUMMARY: string(1004),
  DESCRIPTION: string(1005),
  BUILDTIME: number(1006),
  BUILDHOST: string(1007),
  SIZE: number(1009),
  VENDOR: string(1011),
  LICENSE: string(1014),
  PACKAGER: string(1015),
  GROUP: string(1016),
  URL: string(1020),
  ARCH: string(1022),
  SOURCERPM: string(1044),
  ARCHIVESIZE: number(1046),
  NOSOURCE: numbers(1051),
  NOPATCH: numbers(1052),
  SOURCEPACKAGE: number(1106),
  LONGSIZE: number(5009),
  LONGARCHIVESIZE: number(271),
  MODULARITYLABEL: string(5096),

  PROVIDENAME: strings(1047),
  PROVIDEFLAGS: numbers(1112),
  PROVIDEVERSION: strings(1113),
  REQUIRENAME: strings(1049),
  REQUIREFLAGS: numbers(1048),
  REQUIREVERSION: strings(1050),
  CONFLICTNAME: strings(1054),
  CONFLICTFLAGS: numbers(1053),
  CONFLICTVERSION: strings(1055),
  OBSOLETENAME: strings(1090),
  OBSOLETEFLAGS: numbers(1114),
  OBSOLETEVERSION: strings(1115),
  RECOMMENDNAME: strings(5046),
  RECOMMENDVERSION: strings(5047),
  RECOMMENDFLAGS: numbers(5048),
  SUGGESTNAME: strings(5049),
  SUGGESTVERSION: strings(5050),
  SUGGESTFLAGS: numbers(5051),
  SUPPLEMENTNAME: strings(5052),
  SUPPLEMENTVERSION: strings(5053),
  SUPPLEMENTFLAGS: numbers(5054),
  ENHANCENAME: strings(5055),
  ENHANCEVERSION: strings(5056),
  ENHANCEFLAGS: numbers(5057),
  OLDSUGGESTSNAME: strings(1156),
  OLDSUGGESTSVERSION: strings(1157),
  OLDSUGGESTSFLAGS: numbers(1158),
  OLDENHANCESNAME: strings(1159),
  OLDENHANCESVERSION: strings(1160),
  OLDENHANCESFLAGS: numbers(1161),

  OLDFILENAMES: strings(1027),
  FILEMODES: numbers(1030),
  FILEFLAGS: numbers(1037),
  DIRINDEXES: numbers(1116),
  BASENAMES: strings(1117),
  DIRNAMES: strings(1118),

  CHANGELOGTIME: numbers(1080),
  CHANGELOGNAME: strings(1081),
  CHANGELOGTEXT: strings(1082),

  PREIN: string(1023),
  PREINPROG: strings(1085),
  PREINFLAGS: number(5020),
  POSTIN: string(1024),
  POSTINPROG: strings(1086),
  POSTINFLAGS: number(5021),
  PREUN: string(1025),
  PREUNPROG: strings(1087),
  PREUNFLAGS: number(5022),
  POSTUN: string(1026),
  POSTUNPROG: strings(1088),
  POSTUNFLAGS: number(5023),
  PRETRANS: string(1151),
  PRETRANSPROG: strings(1153),
  PRETRANSFLAGS: number(5024),
  POSTTRANS: string(1152),
  POSTTRANSPROG: strings(1154),
  POSTTRANSFLAGS: number(5025),
  VERIFYSCRIPT: string(1079),
  VERIFYSCRIPTPROG: strings(1091),
  VERIFYSCRIPTFLAGS: number(5026),
  PREUNTRANS: string(5103),
  PREUNTRANSPROG: strings(5105),
  PREUNTRANSFLAGS: number(5107),
  POSTUNTRANS: string(5104),
  POSTUNTRANSPROG: strings(5106),
  POSTUNTRANSFLAGS: number(5108),

  TRIGGERSCRIPTS: strings(1065),
  TRIGGERSCRIPTPROG: strings(1092),
  TRIGGERSCRIPTFLAGS: numbers(5027),
  TRIGGERNAME: strings(1066),
  TRIGGERVERSION: strings(1067),
  TRIGGERFLAGS: numbers(1068),
  TRIGGERINDEX: numbers(1069),
  FILETRIGGERSCRIPTS: strings(5066),
  FILETRIGGERSCRIPTPROG: strings(5067),
  FILETRIGGERSCRIPTFLAGS: numbers(5068),
  FILETRIGGERNAME: strings(5069),
  FILETRIGGERINDEX: numbers(5070),
  FILETRIGGERVERSION: strings(5071),
  FILETRIGGERFLAGS: numbers(5072),
  FILETRIGGERPRIORITIES: numbers(5084),
  TRANSFILETRIGGERSCRIPTS: strings(5076),
  TRANSFILETRIGGERSCRIPTPROG: strings(5077),
  TRANSFILETRIGGERSCRIPTFLAGS: numbers(5078),
  TRANSFILETRIGGERNAME: strings(5079),
  TRANSFILETRIGGERINDEX: numbers(5080),
  TRANSFILETRIGGERVERSION: strings(5081),
  TRANSFILETRIGGERFLAGS: numbers(5082),
  TRANSFILETRIGGERPRIORITIES: numbers(5085),

  PAYLOADFORMAT: string(1124),
  PAYLOADCOMPRESSOR: string(1125),
  PAYLOADDIGEST: strings(5092),
  PAYLOADDIGESTALGO: number(5093),
  PAYLOADSHA512: string(5121),
  PAYLOADSHA3_256: string(5123),
} as const

/** The tags of a signature header that we read, under rpm's own names (rpmSigTag_e); their numbers are not those above. */
export const signatureTags = {
  DSA: bytes(267),
  RSA: bytes(268),
  SHA1: string(269),
  LONGARCHIVESIZE: number(271),
  SHA256: string(273),
  OPENPGP: strings(278),
  SHA3_256: string(279),
  PGP: bytes(1002),
  GPG: bytes(1005),
  PAYLOADSIZE: number(1007),
} as const
