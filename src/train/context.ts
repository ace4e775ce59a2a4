import type { Name, ReleaseRecord } from '../model/index.ts'
import type { RepositoryContext } from '../repository/index.ts'
import type { Statements } from '../trust/index.ts'
import type { Actor } from './actor.ts'

/** What the verbs of this room are handed. */
export interface TrainContext extends RepositoryContext {
  /** On whose behalf. */
  actor: Actor
  /** What hosts act on. */
  statements: Statements
  /** URL at which programs of this machine reach all that the yard serves, without a final slash. */
  contentUrl(): Promise<string>
  /** Base URL at which a client of this machine reaches a repository of a release, without a final slash. */
  urlOf(release: ReleaseRecord, repository: Name): Promise<string>
}
