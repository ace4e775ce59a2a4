import { YardError } from './errors.ts'
import { isName } from './name.ts'

/** What a token may do. `remove`: rm; `host`: tokens for hosts, and what becomes of hosts; `admin`: everything, and alone gc, fsck and apply. */
export const rightNames = [
  'sync',
  'upload',
  'fetch',
  'remove',
  'release',
  'promote',
  'rollback',
  'hold',
  'approve',
  'override',
  'host',
  'token',
  'admin',
] as const

export type RightName = (typeof rightNames)[number]

/** `promote`: of everything; `promote:web` of that train, `promote:web/production` of that channel, `sync:debian` of that repository. */
export type Right = RightName | `${RightName}:${string}`

/** Of the whole yard alone. */
const unscoped: readonly string[] = ['token', 'admin']

/** @throws YardError `usage` when the text is no right. */
export function parseRight(text: string): Right {
  const [name, scope, ...rest] = text.split(':')
  const isKnown = (rightNames as readonly string[]).includes(name!)
  if (isKnown && scope === undefined) return name as RightName
  if (isKnown && rest.length === 0 && isScope(scope!) && !unscoped.includes(name!))
    return `${name as RightName}:${scope}`
  throw new YardError('usage', `not a right: ${JSON.stringify(text.slice(0, 160))}`, {
    hint: isKnown
      ? `write ${unscoped.includes(name!) ? name : `${name}, ${name}:NAME or ${name}:TRAIN/CHANNEL`}`
      : `rights are: ${rightNames.join(', ')}`,
  })
}

function isScope(text: string): boolean {
  const names = text.split('/')
  return names.length <= 2 && names.every(isName)
}

/** Whether somebody who has `owned` has `asked` too. */
export function covers(owned: readonly Right[], asked: Right): boolean {
  const [name, scope] = asked.split(':')
  return owned.some(right => {
    const [ownName, ownScope] = right.split(':')
    if (ownName === 'admin') return true
    if (ownName !== name) return false
    return ownScope === undefined || ownScope === scope || scope?.startsWith(`${ownScope}/`) === true
  })
}

/** Whether it has that right of anything at all. */
export function coversSome(owned: readonly Right[], asked: RightName): boolean {
  return owned.some(right => right === 'admin' || right.split(':')[0] === asked)
}
