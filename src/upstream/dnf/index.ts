export { type MirrorList, readMirrors } from './read-mirrors.ts'
export { type RepodataReading, readRepodata } from './read-repodata.ts'
