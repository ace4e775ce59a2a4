import type { HostRecord, HostToken } from '../../catalog/index.ts'
import { type HostId, timestampOf, YardError } from '../../model/index.ts'
import { isTokenOf } from '../../trust/index.ts'
import { type EnrolmentRequest, nextVersion } from '../../trust/pure.ts'

/** What the yard knows when a machine asks to become a host. */
export interface EnrolmentFacts {
  /** By the name that its text claims. */
  token: HostToken | undefined
  /** Whose key it is already. */
  holder: HostRecord | undefined
  /** The host for which the token was made. */
  meant: HostRecord | undefined
  /** An id that nobody has. */
  newId: HostId
  /** Milliseconds since the epoch. */
  now: number
}

/**
 * `granted`: it is that host; `spends`: by one use of its token; `isNew`: as opposed to one that had another key before, or the
 * same. `cloned`: the key of that host is in a second machine.
 */
export type EnrolmentDecision =
  | { outcome: 'granted'; host: HostRecord; isNew: boolean; spends: boolean }
  | { outcome: 'cloned'; host: HostRecord; error: YardError }
  | { outcome: 'refused'; error: YardError }

/**
 * Whether a machine becomes a host. The request is signed by the key in it. The same key with the same token is the same
 * host again, and spends nothing: its answer may have been lost.
 */
export function decideEnrolment(request: EnrolmentRequest, facts: EnrolmentFacts): EnrolmentDecision {
  const { token, holder, meant, newId, now } = facts
  const fault = tokenFault(request.token, token, now)
  if (fault !== undefined) return refused(fault)
  if (holder !== undefined) return decideForHolder(request, token!, holder, now)
  if (token!.used >= token!.uses) return refused(spent(token!))
  const enrolled = timestampOf(now)
  const { train, channel, labels, name } = token!
  const told = { train, channel, labels, token: name, enrolled }
  const machine = { public: request.public, machine: request.machine, boots: [], state: 'enrolled' } as const
  if (token!.host === undefined) {
    const host = { id: newId, rankGroup: newId, counter: nextVersion(0, now), ...told, ...machine, boots: [] }
    return { outcome: 'granted', host, isNew: true, spends: true }
  }
  if (meant === undefined || meant.state === 'revoked')
    return refused(
      new YardError(
        'forbidden',
        `the host ${token!.host} that was to enrol anew is one no more; nothing was changed`,
      ),
    )
  const { why: _, ...before } = meant
  const host = { ...before, ...told, ...machine, boots: [], counter: nextVersion(before.counter, now) }
  return { outcome: 'granted', host, isNew: false, spends: true }
}

/** The key is a host's already: the same machine asks again, or another one that has its key. */
function decideForHolder(
  { machine }: EnrolmentRequest,
  token: HostToken,
  holder: HostRecord,
  now: number,
): EnrolmentDecision {
  const { id, state, why } = holder
  if (state === 'revoked')
    return refused(
      new YardError(
        'forbidden',
        `the host ${id}, whose key this is, was revoked: ${why}; nothing was changed`,
        { hint: freshKey },
      ),
    )
  if (machine !== holder.machine) return { outcome: 'cloned', host: holder, error: clonedError(holder) }
  if (state === 'quarantined') return refused(quarantinedError(holder))
  if (token.host !== undefined && token.host !== id)
    return refused(
      new YardError(
        'forbidden',
        `the token ${token.name} is for another host than ${id}, whose key this is; nothing was changed`,
        { hint: freshKey },
      ),
    )
  if (token.name === holder.token) return { outcome: 'granted', host: holder, isNew: false, spends: false }
  if (token.used >= token.uses) return refused(spent(token))
  const { train, channel, labels, name } = token
  const counter = nextVersion(holder.counter, now)
  const host = { ...holder, train, channel, labels, token: name, counter, enrolled: timestampOf(now) }
  return { outcome: 'granted', host, isNew: false, spends: true }
}

const freshKey = 'run `switchyard-agent leave` on the machine, which forgets its key, and enrol it again'

/** A machine shows a host's key and is not the one that enrolled with it. */
export function clonedError({ id }: HostRecord): YardError {
  return new YardError(
    'refused',
    `another machine has the key of the host ${id}: both are quarantined until somebody looks`,
    { hint: `${freshKey}; an image must not carry /var/lib/switchyard-agent` },
  )
}

export function quarantinedError({ id, why }: HostRecord): YardError {
  return new YardError('refused', `the host ${id} is quarantined: ${why}`, {
    hint: `look at it, then \`switchyard host quarantine ${id} --lift\`, or enrol it anew: \`switchyard host token create NAME --host ${id}\``,
  })
}

function spent({ name, uses }: HostToken): YardError {
  const times = uses === 1 ? 'once' : `${uses} times`
  return new YardError(
    'unauthenticated',
    `the token ${name} was good ${times}, and is spent; nothing was changed`,
    {
      hint: newToken,
    },
  )
}

const newToken = '`switchyard host token create` makes a new one'

/** A token that nobody made and a wrong secret cannot be told apart. */
export function tokenFault(text: string, token: HostToken | undefined, now: number): YardError | undefined {
  if (token === undefined || !isTokenOf(text, token.digest))
    return new YardError('unauthenticated', 'the token is not one of this yard; nothing was changed', {
      hint: newToken,
    })
  const fault =
    token.revoked !== undefined
      ? `was revoked at ${token.revoked}`
      : token.expires <= timestampOf(now)
        ? `expired at ${token.expires}`
        : undefined
  if (fault === undefined) return undefined
  return new YardError('unauthenticated', `the token ${token.name} ${fault}; nothing was changed`, {
    hint: newToken,
  })
}

function refused(error: YardError): EnrolmentDecision {
  return { outcome: 'refused', error }
}
