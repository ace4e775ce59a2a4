import { lifetimes } from '../statements/layout.ts'
import { delegationOf, lifetimeOf, onlineLifetime } from './change.ts'
import { isRunningRollout } from './draft.ts'
import type { Metadata } from './metadata.ts'
import type { Published } from './published.ts'
import type { Waiting } from './staged.ts'

/** Past half of its life; or from a future that a wrong clock saw, so that it would be fresh for too long. */
export function isDue({ signed }: Metadata, lifetimeSeconds: number, now: number): boolean {
  const left = (Date.parse(signed.expires) - now) / 1000
  return left < lifetimeSeconds / 2 || left > lifetimeSeconds
}

/** The published roles that are to be signed again, `timestamp` standing for the snapshot too. */
export async function dueRoles(published: Published, now: number): Promise<string[]> {
  const { root, targets, timestamp } = published
  const due: string[] = []
  let isAnyRunning = false
  const isGood = (file: Metadata | undefined, lifetime: number) =>
    file !== undefined && !isDue(file, lifetime, now)
  if (!isGood(root, lifetimes.root)) due.push('root')
  if (!isGood(targets, lifetimes.targets)) due.push('targets')
  for (const { name, paths } of targets?.signed.delegations?.roles ?? []) {
    const text = delegationOf(name).kind === 'rollout' ? await published.target(name, paths[0]!) : undefined
    const isRunning = text !== undefined && isRunningRollout(text)
    isAnyRunning ||= isRunning
    if (!isGood(await published.role(name), lifetimeOf(name, isRunning))) due.push(name)
  }
  if (!isGood(timestamp, onlineLifetime(isAnyRunning))) due.push('timestamp')
  return due
}

/** A change that has waited so long that hosts would not believe it for long. */
export function isStale({ root, files }: Waiting, now: number): boolean {
  return (
    (root !== undefined && isDue(root, lifetimes.root, now)) ||
    Object.entries(files).some(([role, file]) => isDue(file, lifetimeOf(role, false), now))
  )
}
