import type { StatementsState, TrustedKey } from '../trust/index.ts'
import { readRole } from '../trust/pure.ts'
import { printable, tableText } from './text.ts'

const wording: { [role: string]: string } = { halt: 'stops' }

/** Who signs what, how long it is good, and what somebody should see to; for a person. */
export function statementsText(
  { root, isSolo, roles, atHand, staged }: StatementsState,
  keyText: (key: TrustedKey) => string,
): string {
  if (root === undefined)
    return 'the yard has no statements yet: hosts follow it from the first promotion on\n'
  const isAtHand = ({ keyid }: TrustedKey) => atHand.includes(keyid)
  const nameOf = (key: TrustedKey) => `${keyText(key)}${isAtHand(key) ? ' (in the yard)' : ''}`
  const rows = roles.map(({ role, keys, threshold, expires }) => [
    roleText(role),
    `${threshold} of ${keys.map(nameOf).join(', ') || 'nobody'}`,
    expires?.slice(0, 10) ?? '',
  ])
  const held = new Set(roles.flatMap(role => role.keys.map(({ keyid }) => keyid)))
  const coming = JSON.stringify(staged)
  const idle = atHand.filter(keyid => !held.has(keyid) && !coming.includes(keyid))
  const isOnline = roles.some(({ role, keys }) => role === 'timestamp' && keys.some(isAtHand))
  const notes = [
    ...(isOnline
      ? []
      : [
          'the key that signs online is not in the yard: bring its file back into keys/statements/, or `switchyard trust keys rotate online`',
        ]),
    ...(isSolo
      ? ['one key holds every role: whoever reads it moves every host; `switchyard trust harden` divides it']
      : []),
    ...idle.map(
      keyid =>
        `key ${keyid.slice(0, 16)} lies in keys/statements/ of the yard and holds no role: destroy its file, and its copies`,
    ),
    ...(staged.length === 0
      ? []
      : [`changes that wait for signatures: ${staged.length}; \`switchyard trust staged\` shows them`]),
  ]
  return printable(
    `root ${root.version}, SHA-256 ${root.digest}\n${tableText([['SIGNS', 'WHO', 'GOOD UNTIL'], ...rows])}${notes.map(note => `${note}\n`).join('')}`,
  )
}

/** `channel web/production` for the role's name in metadata. */
export function roleText(role: string): string {
  const read = readRole(role)
  if (read === undefined) return wording[role] ?? role
  if (read.kind === 'releases') return `releases of ${read.train}`
  return `${read.kind === 'channel' ? 'channel' : 'rollouts of'} ${read.train}/${read.channel}`
}
