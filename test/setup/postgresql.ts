import type { TestProject } from 'vitest/node'
import { preparePostgresql } from '../../src/catalog/postgresql.fixture.ts'

/** One PostgreSQL for the whole test run: the first test that asks for it starts it, the end of the run stops it. */
export default function setup(project: TestProject): () => void {
  const { directory, stop } = preparePostgresql()
  project.provide('postgresqlDirectory', directory)
  return stop
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgresqlDirectory: string
  }
}
