export type { PageReader, PageStore, PageWriter } from './page-store.ts'
