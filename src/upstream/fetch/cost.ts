import type { FetchCost } from '../fetcher.ts'

/** Adds up what a fetcher spends. */
export interface CostMeter extends FetchCost {}

export function createCostMeter(): CostMeter {
  return { requests: 0, bytes: 0, files: 0 }
}
