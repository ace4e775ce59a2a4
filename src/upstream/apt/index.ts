export {
  type ReadSuiteOptions,
  readSuite,
  type SuiteReading,
} from './read-suite.ts'
export {
  directoryOf,
  type IndexFile,
  type IndexKind,
  isFlat,
  joinPath,
  selectIndexFiles,
} from './select-files.ts'
