export {
  directoryOf,
  type IndexFile,
  isFlat,
  joinPath,
  type ReadSuiteOptions,
  readSuite,
  type SuiteReading,
  selectIndexFiles,
} from './apt/index.ts'
export {
  type InstallationTree,
  newestTimestamp,
  type RepodataReading,
  readMirrors,
  readRepodata,
  readTree,
} from './dnf/index.ts'
export {
  type AptProxy,
  createFetcher,
  type FetcherOptions,
  readAptProxy,
  type Surroundings,
} from './fetch/index.ts'
export type { BlobRequest, DocumentAnswer, FetchCost, Fetcher, Validators } from './fetcher.ts'
export type { PartAnswer, PartMemory } from './part.ts'
