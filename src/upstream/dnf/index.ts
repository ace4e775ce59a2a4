export { type ReadRepodataOptions, type RepodataReading, readRepodata } from './read-repodata.ts'
