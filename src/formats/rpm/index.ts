export type { AdvisoryCollection, AdvisoryModule, AdvisoryPackage } from './advisory-packages.ts'
export type { Checksum, ChecksumAlgorithm } from './checksum.ts'
export {
  type Category,
  type Comps,
  type CompsEntry,
  compsFrame,
  type Environment,
  type Group,
  type GroupPackage,
  type GroupPackageType,
  type Langpack,
  parseComps,
} from './comps.ts'
export {
  type Comparison,
  formatRpmDependency,
  parseRpmDependency,
  type RpmDependency,
  satisfies,
} from './dependencies.ts'
export { type Filelist, type PackageReference, readFilelists, referenceOf } from './filelists.ts'
export type { FragmentedDocument, FragmentHead } from './fragment-head.ts'
export { createFragmentScanner, type FragmentOptions, fragmentsOf } from './fragments.ts'
export type { Header, HeaderEntry } from './header.ts'
export type { HeaderDependency } from './header-lists.ts'
export type { IniFile } from './ini.ts'
export { type MetalinkFile, type MetalinkUrl, type MetalinkVersion, parseMetalink } from './metalink.ts'
export { parseMirrorlist } from './mirrorlist.ts'
export { moduleDocumentsOf } from './module-documents.ts'
export {
  type ModuleDefaults,
  type ModuleDocument,
  type ModuleObsoletes,
  type ModuleStream,
  type OtherModuleDocument,
  readModuleDocument,
} from './modules.ts'
export { type ListedChange, type OtherPackage, readOther } from './other.ts'
export { packageOf, type RpmChangelog, type RpmPackage, type RpmPackageFile } from './package.ts'
export { type Lead, type Payload, type RpmFile, type RpmWishes, readRpm } from './package-file.ts'
export { identityOf, type PackageIdentity, type PrimaryPackage, readPrimary } from './primary.ts'
export {
  type ListedFile,
  type PrimaryDependency,
  type PrimaryLists,
  readPrimaryLists,
} from './primary-lists.ts'
export { parseRepomd, type Repomd, type RepomdFile } from './repomd.ts'
export {
  parseRichDependency,
  type RichCondition,
  type RichDependency,
  type RichGroup,
  type RichName,
} from './rich-dependencies.ts'
export type { RpmScriptlet, RpmTrigger } from './scripts.ts'
export { type PackageSignature, signaturesOf } from './signatures.ts'
export { parseTreeinfo, type TreeFile, type Treeinfo, type TreeVariant } from './treeinfo.ts'
export {
  type Advisory,
  type AdvisoryReference,
  advisoryTime,
  readAdvisory,
  updateinfoFrame,
} from './updateinfo.ts'
export { type PackageFragments, type PackagePlace, writeFragments } from './write-fragments.ts'
export { metadataFrame, type PackageDocument, withLocation } from './write-metadata.ts'
export { writeRepomd } from './write-repomd.ts'
export { type RpmContent, writeRpm } from './write-rpm.ts'
