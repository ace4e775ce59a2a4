export { encodeAnswer } from './codec.ts'
export { openApiDocument } from './openapi.ts'
export { parseInput } from './parse-input.ts'
export type { RemoteOptions } from './remote/ask.ts'
export { createRemoteYard } from './remote/remote-yard.ts'
export {
  type AnswerOf,
  apiPrefix,
  type InputOf,
  type Operation,
  type Route,
  routeOf,
  routes,
} from './routes/index.ts'
