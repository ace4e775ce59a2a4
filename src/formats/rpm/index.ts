export {
  type Comparison,
  formatRpmDependency,
  parseRpmDependency,
  type RpmDependency,
  rangesOverlap,
  satisfies,
  type VersionRange,
} from './dependencies.ts'
export type { Header, HeaderEntry } from './header.ts'
export type { HeaderDependency } from './header-lists.ts'
export { packageOf, type RpmChangelog, type RpmPackage, type RpmPackageFile } from './package.ts'
export { type Lead, type Payload, type RpmFile, type RpmWishes, readRpm } from './package-file.ts'
export {
  formatRichDependency,
  parseRichDependency,
  type RichCondition,
  type RichDependency,
  type RichGroup,
  type RichName,
} from './rich-dependencies.ts'
export type { RpmScriptlet, RpmTrigger } from './scripts.ts'
export { type PackageSignature, signaturesOf } from './signatures.ts'
export { signatureTags, type Tag, tags } from './tags.ts'
export { type PackageFragments, type PackagePlace, writeFragments } from './write-fragments.ts'
export type { Checksum, ChecksumAlgorithm } from './checksum.ts'
export { type Filelist, readFilelists, referenceOf } from './filelists.ts'
export type { FragmentedDocument } from './fragment-head.ts'
export { createFragmentScanner, fragmentsOf } from './fragments.ts'
export { type OtherPackage, readOther } from './other.ts'
export { identityOf, type PackageIdentity, type PrimaryPackage, readPrimary } from './primary.ts'
export { parseRepomd, type Repomd, type RepomdFile } from './repomd.ts'
export { metadataFrame, withLocation } from './write-metadata.ts'
export { writeRepomd } from './write-repomd.ts'
export { type Metalink, parseMetalink, parseMirrorlist } from './metalink.ts'
