import type { PageStore } from '../tree/index.ts'
import type { RepositoryContext } from './context.ts'

/**
 * Where a repository's next trees are made. What an edit reads and writes is looked at again soon (what changed? what
 * is named now?), so it goes through the cache; the pages of a first snapshot are too many to be kept, and would only
 * push out others.
 */
export function pagesFor(context: RepositoryContext, previous: object | undefined): PageStore {
  return previous === undefined ? context.pages : context.trees
}
