export { type MirrorList, readMirrors } from './read-mirrors.ts'
export { newestTimestamp, type RepodataReading, readRepodata } from './read-repodata.ts'
export { type InstallationTree, readTree } from './read-tree.ts'
