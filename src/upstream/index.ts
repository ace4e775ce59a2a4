export type { BlobRequest, DocumentAnswer, FetchCost, Fetcher, Validators } from './fetcher.ts'
