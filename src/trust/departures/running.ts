import { readRole } from '../statements/layout.ts'
import { delegationOf } from './change.ts'
import { type Draft, isRunningRollout } from './draft.ts'
import type { Published } from './published.ts'

/** Whether any rollout is under way once a draft is published. */
export type AnyRunning = (published: Published, draft: Draft) => Promise<boolean>

/** Remembers of every rollout role what its last version said, so that one rollout's step reads no other's statement again. */
export function rememberRunning(): AnyRunning {
  const known = new Map<string, { version: number; isRunning: boolean }>()

  async function isRunning(published: Published, role: string, path: string): Promise<boolean> {
    const version = published.snapshot?.signed.meta[`${role}.json`]?.version ?? 0
    const before = known.get(role)
    if (before?.version === version) return before.isRunning
    const text = await published.target(role, path)
    const now = { version, isRunning: text !== undefined && isRunningRollout(text) }
    known.set(role, now)
    return now.isRunning
  }

  return async (published, draft) => {
    const drafted = draft.texts.filter(({ role }) => delegationOf(role).kind === 'rollout')
    if (drafted.some(({ text }) => isRunningRollout(text))) return true
    const replaced = new Set([...drafted.map(({ role }) => role), ...draft.removed])
    for (const { name, paths } of published.targets?.signed.delegations?.roles ?? [])
      if (
        readRole(name)?.kind === 'rollout' &&
        !replaced.has(name) &&
        (await isRunning(published, name, paths[0]!))
      )
        return true
    return false
  }
}
