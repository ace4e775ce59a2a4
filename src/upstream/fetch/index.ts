export { readAptProxy } from './apt-proxy.ts'
export { createFetcher, type FetcherOptions } from './create-fetcher.ts'
export type { AptProxy } from './proxy.ts'
export type { Surroundings } from './surroundings.ts'
