import { canonicalJson, type Digest, digestOf, type Json, YardError } from '../../model/index.ts'
import {
  isSatisfied,
  type Metadata,
  type RootSigned,
  textOfMetadata,
  trustOf,
} from '../departures/metadata.ts'
import type { SigningRequest } from './request.ts'
import { understoodRoot, understoodTargets } from './understood.ts'

/**
 * Proves what a request says is in force: every root by the one before it, up to the first; who signs for channels by root; a channel's
 * statement by those. Otherwise a thief of the yard could pass off keys of his own as those that were there before.
 * @param trusted a root that the person who signs knows from elsewhere; undefined: only what hangs together is asked.
 * @throws YardError `untrusted`.
 */
export function checkContext(request: SigningRequest, trusted: Metadata<RootSigned> | undefined): void {
  const line = [...request.roots, request.root]
  for (const [i, root] of line.entries()) checkRoot(root, line[i - 1])
  if (trusted !== undefined && !line.some(root => isSame(root.signed, trusted.signed)))
    throw untrusted('the root in force does not follow from the one that you trust')
  const { root, targets } = request
  if (targets === undefined) return
  understoodTargets(targets.signed, 'who signs for channels')
  if (!isSatisfied(trustOf(root.signed.roles.targets, root.signed.keys), targets))
    throw untrusted('who signs for channels is not signed as root says')
  for (const one of request.waiting) checkBefore(request, one)
}

/** SHA-256 of the root in force, as `trust show` tells it. */
export function digestOfRoot({ root }: SigningRequest): Digest {
  return digestOf(Buffer.from(textOfMetadata(root)))
}

/** TUF specification 1.0.34, 5.3.4 and 5.3.5. */
function checkRoot(root: Metadata<RootSigned>, before: Metadata<RootSigned> | undefined): void {
  const { version } = understoodRoot(root.signed, 'root')
  const signers = before === undefined ? [root] : [before, root]
  const isNext = before === undefined || version === before.signed.version + 1
  if (isNext && signers.every(({ signed }) => isSatisfied(trustOf(signed.roles.root, signed.keys), root)))
    return
  throw untrusted(`root ${version} is not signed by the keys that may replace the one before it`)
}

function checkBefore({ targets }: SigningRequest, { role, before }: SigningRequest['waiting'][number]): void {
  if (before === undefined) return
  const { delegations } = targets!.signed
  const delegated = delegations?.roles.find(({ name }) => name === role)
  understoodTargets(before.signed, role)
  if (delegated === undefined || !isSatisfied(trustOf(delegated, delegations!.keys), before))
    throw untrusted(`${role.slice(0, 200)}: what it says is in force is not signed by those who sign for it`)
}

function isSame(one: RootSigned, other: RootSigned): boolean {
  return canonicalJson(one as unknown as Json) === canonicalJson(other as unknown as Json)
}

function untrusted(why: string): YardError {
  return new YardError('untrusted', `${why}; nothing was signed`, {
    hint: 'do not sign it: ask those who keep the yard, and stop the channels if nobody can explain it',
  })
}
