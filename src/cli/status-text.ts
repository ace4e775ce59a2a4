import type { YardStatus } from '../yard/index.ts'
import { roleText } from './statements-text.ts'
import { printable, tableText } from './text.ts'

type Channel = YardStatus['channels'][number]

/** How the yard is, for a person: what needs hands comes last, where the eye is. */
export function statusText({ channels, statements, halts, hands }: YardStatus): string {
  const rows = channels.map(channel => [
    `${channel.train}/${channel.channel}`,
    channel.release === undefined ? '-' : `${channel.train}@${channel.release}`,
    channel.moved === undefined ? '' : `${channel.moved} by ${channel.who}`,
    statements.profile === 'unknown' ? '?' : toldText(channel),
  ])
  const lines = [
    ...statementLines(statements),
    ...halts.map(
      ({ number, scope, who, at, why }) =>
        `halt ${number} of ${scope.join(', ') || 'every channel'}, by ${who}, ${at}: ${why}`,
    ),
    ...(hands.length === 0 ? ['nothing needs hands'] : ['needs hands:']),
    ...hands.flatMap(({ what, hint }) => [`! ${what}`, `    ${hint}`]),
  ]
  const table = rows.length === 0 ? '' : tableText([['CHANNEL', 'RELEASE', 'SINCE', 'HOSTS'], ...rows])
  return printable(`${table}${lines.map(line => `${line}\n`).join('')}`)
}

/** What hosts of a channel do. */
function toldText({ release, told, halts }: Channel): string {
  if (told === undefined) return release === undefined ? '' : 'are told nothing'
  if (halts.length > 0) return `halted (${halts.join(', ')})`
  return told.release === release ? 'may follow' : `are told of ${told.release}`
}

const profiles = {
  none: 'hosts are told nothing yet: no channel was ever moved',
  solo: 'profile solo: one key in the yard signs everything; `switchyard trust harden` divides it among people',
  hardened: 'profile hardened: people sign root and channels',
  unknown: 'what hosts are told cannot be read',
} as const

function statementLines({ profile, freshUntil, roles }: YardStatus['statements']): string[] {
  const lasting = roles.filter(({ role, byPeople }) => byPeople || role === 'root')
  return [
    profiles[profile],
    ...(freshUntil === undefined ? [] : [`what hosts are told is fresh until ${freshUntil}`]),
    ...lasting.map(
      ({ role, expires, byPeople }) =>
        `${roleText(role)}: good until ${expires}${byPeople ? ', signed by people' : ''}`,
    ),
  ]
}
