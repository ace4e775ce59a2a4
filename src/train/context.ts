import type { RepositoryContext } from '../repository/index.ts'
import type { Actor } from './actor.ts'

/** What the verbs of this room are handed. */
export interface TrainContext extends RepositoryContext {
  /** On whose behalf. */
  actor: Actor
}
