export { type ChangelogEntry, entriesBetween, parseChangelog } from './changelog.ts'
export { type FieldSelection, fieldOf, fieldsOf, parseStanza, selectFields } from './deb822.ts'
export {
  type Dependency,
  type Provided,
  parseDependencies,
  parseProvides,
  parseRelations,
  type Relation,
  type Restriction,
  satisfiesVersion,
  type VersionConstraint,
  type VersionOperator,
} from './dependencies.ts'
export { withReleaseFiles } from './edit-release.ts'
export { replaceField, withoutField } from './edit-stanza.ts'
export { readChangelog } from './package-changelog.ts'
export { type PackageFile, type PackageWishes, readPackageFile } from './package-file.ts'
export { type MultiArch, type PackageEntry, readPackageStanza } from './packages.ts'
export { type PatchFile, parsePatchIndex } from './patch-index.ts'
export { parseRelease, type Release, type ReleaseFile } from './release.ts'
export { readSourceStanza, type SourceEntry } from './sources.ts'
export { type StanzaOptions, type StanzaScanner, stanzasOf } from './stanzas.ts'
export { type DebContent, writeDeb } from './write-deb.ts'
export { type ReleaseFields, resealRelease, type WrittenFile, writeRelease } from './write-release.ts'
