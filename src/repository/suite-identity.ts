import { type AptSnapshot, type ByteString, textOfByteString } from '../model/index.ts'
import type { RepositoryContext } from './context.ts'
import { releaseText } from './seal.ts'

/** What an apt holds a repository by: it refuses one in which any of these changed. */
const fields = ['Origin', 'Label', 'Suite', 'Codename'] as const

export interface IdentityChange {
  /** As the operator named it. */
  suite: ByteString
  field: (typeof fields)[number]
  from: string
  to: string
}

/**
 * In which suites, of those that both snapshots have, apt would meet another identity.
 * @throws YardError `damaged` when the Release of one is not in its snapshot's tree.
 */
export async function identityChanges(
  context: RepositoryContext,
  before: AptSnapshot,
  after: AptSnapshot,
): Promise<IdentityChange[]> {
  const found = await Promise.all(
    after.suites.map(async suite => {
      const old = before.suites.find(({ directory }) => directory === suite.directory)
      if (old === undefined) return []
      const [from, to] = await Promise.all([
        releaseText(context, before, old).then(identityIn),
        releaseText(context, after, suite).then(identityIn),
      ])
      return fields.flatMap(field =>
        from[field] === to[field] ? [] : [{ suite: suite.suite, field, from: from[field], to: to[field] }],
      )
    }),
  )
  return found.flat()
}

/** Read by a look at each line, not as a whole: the digests behind it are megabytes. */
function identityIn(release: Buffer): Record<IdentityChange['field'], string> {
  const text = release.toString('latin1')
  const value = (field: string) =>
    textOfByteString(new RegExp(`^${field}:[ \\t]*(.*?)[ \\t]*$`, 'im').exec(text)?.[1] ?? '')
  return {
    Origin: value('Origin'),
    Label: value('Label'),
    Suite: value('Suite'),
    Codename: value('Codename'),
  }
}
