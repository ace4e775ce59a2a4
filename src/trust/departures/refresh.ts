import { noChange } from './change.ts'
import { collect } from './collect.ts'
import { dueRoles, isStale } from './due.ts'
import { type Published, trustIn } from './published.ts'
import { nextRoot } from './rotate.ts'
import { draftFor, isComplete, reread, type Situation, settle } from './settle.ts'
import { rolesOf, type Waiting } from './staged.ts'

/** See Statements.refresh. */
export async function refresh(situation: Situation, { all = false }: { all?: boolean }): Promise<void> {
  await finishWaiting(situation)
  const now = await reread(situation)
  const waits = new Set(now.staging.waiting.flatMap(rolesOf))
  const due = (all ? allRoles(now.published) : await dueRoles(now.published, now.now)).filter(
    role => !waits.has(role),
  )
  if (due.includes('root')) await settle(now, rotationOf(now))
  const others = due.filter(role => role !== 'root')
  const own = others.filter(role => isAtHand(now, role))
  if (own.length > 0) await renew(now, own)
  // One person's absence keeps nothing from being renewed that others sign.
  for (const role of others) if (!own.includes(role)) await renew(now, [role])
  const { refs, published } = await reread(situation)
  await collect(refs, published, now.now)
}

/** Publishes what has its signatures (a crash came in between, or a key is at hand that was not), and states anew what waited for too long. */
async function finishWaiting(situation: Situation): Promise<void> {
  for (const { id } of situation.staging.waiting) {
    const now = await reread(situation)
    const waiting = now.staging.waiting.find(one => one.id === id)
    if (waiting === undefined) continue
    if (isStale(waiting, now.now)) await settle(now, statedAnew(now, waiting))
    else if (isComplete(now, await draftFor(now, waiting), waiting.root)) await settle(now, waiting)
  }
}

function statedAnew({ published, signers, now }: Situation, waiting: Waiting): Waiting {
  const { root, ...rest } = { ...waiting, files: {} }
  return root === undefined ? rest : { ...rest, root: nextRoot(published.root, root, {}, signers, now) }
}

function rotationOf({ published, staging, signers, now }: Situation): Waiting {
  const root = nextRoot(published.root, undefined, {}, signers, now)
  return { id: staging.next, change: noChange, root, files: {} }
}

async function renew(situation: Situation, renewed: string[]): Promise<void> {
  const now = await reread(situation)
  await settle(now, { id: now.staging.next, change: { ...noChange, renewed }, files: {} })
}

function allRoles({ targets }: Published): string[] {
  return ['targets', 'timestamp', ...(targets?.signed.delegations?.roles ?? []).map(({ name }) => name)]
}

/** Whether the keys in the yard reach the role's threshold. Snapshot and timestamp are never waited for. */
function isAtHand({ published, signers }: Situation, role: string): boolean {
  if (role === 'timestamp') return true
  const trust = trustIn(published, role)
  return (
    trust.keys.filter(({ keyid }) => signers.some(({ key }) => key.keyid === keyid)).length >= trust.threshold
  )
}
