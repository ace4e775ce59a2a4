import { isYardError } from '../../model/index.ts'
import type { OpenYard, RepositorySummary } from '../../yard/index.ts'

/** What the catalog says of the repositories, or why it does not. */
export type CatalogView = { repositories: RepositorySummary[] } | { problem: string }

/** Longest wait for the catalog, and how long its answer counts, in milliseconds. */
const patience = 2_000
const freshness = 1_000

/**
 * Asks the catalog for probes and scrapes: never longer than two seconds, at most once a second however many ask, and a
 * failure is an answer.
 */
export function createCatalogView(
  yard: OpenYard['yard'],
  scrub: (message: string) => string,
  now: () => number,
): () => Promise<CatalogView> {
  let last: { asked: number; view: Promise<CatalogView> } | undefined
  return () => {
    if (last === undefined || now() - last.asked > freshness) last = { asked: now(), view: ask(yard, scrub) }
    return last.view
  }
}

async function ask(yard: OpenYard['yard'], scrub: (message: string) => string): Promise<CatalogView> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<CatalogView>(resolve => {
    timer = setTimeout(resolve, patience, { problem: 'the catalog did not answer within 2 s' })
  })
  const answer = yard.repositories().then(
    repositories => ({ repositories }),
    error => ({ problem: isYardError(error) ? scrub(error.message) : 'internal error' }),
  )
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
