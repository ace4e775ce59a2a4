export {
  encodeDiff,
  encodeListing,
  encodeRepositories,
  encodeSearchHits,
  encodeSnapshot,
  encodeSnapshots,
} from './encode.ts'
export { openApiDocument } from './openapi.ts'
export { parseInput } from './parse-input.ts'
export {
  type AnswerOf,
  apiPrefix,
  type Operation,
  type ParametersOf,
  type QueryOf,
  routes,
} from './routes.ts'
