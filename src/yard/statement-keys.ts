import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, isYardError, YardError } from '../model/index.ts'
import type { TrainContext } from '../train/index.ts'
import {
  createKeyFile,
  type Edits,
  type KeyIds,
  loadKeyFile,
  type Outcome,
  type RoleTrust,
  type RootSigned,
  type Rotation,
  type StatementsState,
  type TrustedKey,
  trustOf,
} from '../trust/index.ts'
import { haltField, readRole, type StatementKey } from '../trust/pure.ts'
import { recorded } from './recorded.ts'

/** Who signs what hosts act on, and how that is changed: always by a new root, so that no host enrols again. */
export interface StatementKeys {
  /**
   * Gives the roles to people: root, targets and channels to `people`, stops to any one of `halt`, and the rest to a key of its own in
   * the yard. It waits for as many of the people as `people` says; the key that held everything signs it away now.
   * @throws YardError `usage` for people who cannot be reached, or who hold a key that lies in the yard.
   */
  harden(
    people: RoleTrust,
    options: { halt?: readonly TrustedKey[] | undefined; why?: string | undefined },
  ): Promise<Outcome>
  /**
   * Puts a key in the place of another in every role that it has. @param old its owner's name, or at least eight digits of its id; `online` or
   * `solo`: the key that the yard itself signs with. @param next undefined: a new one in the yard.
   * @returns the file of a key that was made.
   * @throws YardError `not-found`; `usage` when several have that name, or the yard's key were to leave the yard.
   */
  rotate(
    old: string,
    options: { next?: TrustedKey | undefined; why?: string | undefined },
  ): Promise<Outcome & { old: TrustedKey; next: TrustedKey; file?: string }>
  /** Names who signs for a channel from now on. @throws YardError as `harden`. */
  assign(
    channel: NonNullable<Edits['channelKeys']>[number],
    options: { why?: string | undefined },
  ): Promise<Outcome>
}

/** The roles whose keys root lists: the word of `Rotation` for each. */
const topRoles = { root: 'root', targets: 'targets', timestamp: 'online', halt: 'halt' } as const

export function createStatementKeys(directory: string, context: TrainContext): StatementKeys {
  const { statements } = context
  return {
    async harden(people, { halt, why }) {
      await statements.root()
      const state = await statements.state()
      checkPeople(people, state)
      if (halt !== undefined) checkPeople({ keys: [...halt], threshold: 1 }, state)
      const online = await ownOnlineKey(directory, state)
      const rotation = {
        root: people,
        targets: people,
        halt: { keys: [...(halt ?? people.keys)], threshold: 1 },
        online: { keys: [online], threshold: 1 },
      }
      const detailOf = () => ({ keys: people.keys.map(({ keyid }) => keyid), threshold: people.threshold })
      return recorded(context, { verb: 'harden', subject: 'statements', why, detailOf }, () =>
        statements.rotate(rotation),
      )
    },
    async rotate(name, { next: given, why }) {
      await statements.root()
      const state = withComing(await statements.state())
      const old = keyNamed(name, state)
      const isOwn = isTheYards(old, state)
      if (isOwn !== (given === undefined))
        throw new YardError('usage', isOwn ? ownKeyIsMadeHere(old) : noNewKey(old), {
          hint: isOwn
            ? 'leave --with out'
            : 'its owner makes one with `switchyard trust keys create`; name the .pub file with --with',
        })
      if (given !== undefined) checkNew(given, state)
      const made =
        given === undefined ? await makeKey(directory, isSolo(old, state) ? 'solo' : 'online') : undefined
      const next = given ?? { ...made!.key, ...(old.owner === undefined ? {} : { owner: old.owner }) }
      const detailOf = () => ({ old: old.keyid, next: next.keyid })
      const outcome = await recorded(
        context,
        { verb: 'rotate', subject: 'statements', why, detailOf },
        async () => {
          const channelKeys = channelsOf(old, next, state)
          const rotated = await statements.rotate(rotationOf(old, next, state))
          return channelKeys.length === 0 ? rotated : statements.publish({ channelKeys })
        },
      )
      return { ...outcome, old, next, ...(made === undefined ? {} : { file: made.file }) }
    },
    async assign(channel, { why }) {
      await statements.root()
      checkPeople(channel, await statements.state())
      const subject = `${channel.train}/${channel.channel}`
      const detailOf = () => ({ keys: channel.keys.map(({ keyid }) => keyid), threshold: channel.threshold })
      return recorded(context, { verb: 'assign', subject, why, detailOf }, () =>
        statements.publish({ channelKeys: [channel] }),
      )
    },
  }
}

/** @throws YardError `usage`. */
function checkPeople({ keys, threshold }: RoleTrust, { atHand }: StatementsState): void {
  const ids = new Set(keys.map(({ keyid }) => keyid))
  const fault =
    ids.size < keys.length
      ? 'one key is named twice'
      : threshold > keys.length
        ? `${threshold} signatures are asked for, of ${keys.length} keys`
        : keys.some(({ keyid }) => atHand.includes(keyid))
          ? 'a key that lies in the yard is no key of a person'
          : undefined
  if (fault === undefined) return
  throw new YardError('usage', `${fault}; nothing was changed`, {
    hint: 'every person makes a key elsewhere, with `switchyard trust keys create`, and hands over the .pub file',
  })
}

/** Two who share a key count as one. @throws YardError `usage`. */
function checkNew(next: TrustedKey, state: StatementsState): void {
  checkPeople({ keys: [next], threshold: 1 }, state)
  if (state.roles.every(({ keys }) => keys.every(({ keyid }) => keyid !== next.keyid))) return
  throw new YardError(
    'usage',
    `somebody has that key already (${next.keyid.slice(0, 16)}); nothing was changed`,
    {
      hint: 'make a new one with `switchyard trust keys create`',
    },
  )
}

/** The key that signs online, if it is not one that people's roles go by too; else a new one. */
async function ownOnlineKey(directory: string, state: StatementsState): Promise<TrustedKey> {
  const [online] = rolesIn(state, 'timestamp')
  const [root] = rolesIn(state, 'root')
  const known = online?.keys[0]
  if (known !== undefined && !root!.keys.some(({ keyid }) => keyid === known.keyid)) return known
  // Left by somebody who began this and was interrupted.
  const begun = await loadKeyFile(join(directory, 'online.pem')).catch(() => undefined)
  return { ...(begun?.key ?? (await makeKey(directory, 'online')).key), owner: 'online' }
}

/** `online.pem`, or `online-2.pem` and so on where there is one: a key is never overwritten. */
async function makeKey(directory: string, name: string): Promise<{ key: StatementKey; file: string }> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (let n = 1; ; n++) {
    const file = join(directory, n === 1 ? `${name}.pem` : `${name}-${n}.pem`)
    try {
      return { key: await createKeyFile(file), file }
    } catch (error) {
      if (!isYardError(error, 'exists')) throw error
    }
  }
}

/** Also when its file was lost: it signs online, so that it is the yard's. */
function isTheYards({ keyid }: TrustedKey, state: StatementsState): boolean {
  const [online] = rolesIn(state, 'timestamp')
  return state.atHand.includes(keyid) || online!.keys.some(key => key.keyid === keyid)
}

/** With the root that waits for signatures in the place of the one in force: a second change goes on from the first. */
function withComing(state: StatementsState): StatementsState {
  const files = state.staged.flatMap(change => change.files)
  const root = files.find(({ role }) => role === 'root')?.metadata.signed as RootSigned | undefined
  if (root === undefined) return state
  const coming = new Map(Object.entries<KeyIds>({ ...root.roles, halt: root[haltField] }))
  const roles = state.roles.map(one => {
    const keyids = coming.get(one.role)
    return keyids === undefined ? one : { ...one, ...trustOf(keyids, root.keys) }
  })
  return { ...state, roles }
}

/** Hexadecimal digits. */
const shortestId = 8

function keyNamed(name: string, state: StatementsState): TrustedKey {
  const keys = new Map(state.roles.flatMap(role => role.keys.map(key => [key.keyid, key] as const)))
  const own = name === 'solo' || name === 'online' ? rolesIn(state, 'timestamp')[0]?.keys[0] : undefined
  const named = [...keys.values()].filter(
    ({ keyid, owner }) =>
      owner === name || keyid === own?.keyid || (name.length >= shortestId && keyid.startsWith(name)),
  )
  if (named.length === 1) return named[0]!
  const known = [...keys.values()].map(
    ({ keyid, owner }) => `${owner ?? 'nobody named'} ${keyid.slice(0, 16)}`,
  )
  throw new YardError(
    named.length === 0 ? 'not-found' : 'usage',
    `${named.length === 0 ? 'no' : 'more than one'} key is called ${JSON.stringify(name.slice(0, 80))}; nothing was changed`,
    { hint: `there are: ${known.join(', ')}` },
  )
}

function rolesIn({ roles }: StatementsState, name: string) {
  return roles.filter(({ role }) => role === name)
}

function isSolo({ keyid }: TrustedKey, state: StatementsState): boolean {
  return rolesIn(state, 'root')[0]!.keys.some(key => key.keyid === keyid)
}

function rotationOf(old: TrustedKey, next: TrustedKey, state: StatementsState): Rotation {
  const changed = Object.entries(topRoles).flatMap(([role, word]) => {
    const [trust] = rolesIn(state, role)
    return trust?.keys.some(({ keyid }) => keyid === old.keyid)
      ? [[word, replaced(trust, old.keyid, next)]]
      : []
  })
  return Object.fromEntries(changed)
}

/** The channels whose keys were named one by one: those that go by `targets` follow by themselves. */
function channelsOf(old: TrustedKey, next: TrustedKey, state: StatementsState) {
  return state.roles.flatMap(({ role, keys, threshold }) => {
    const read = readRole(role)
    if (read?.kind !== 'channel' || !keys.some(({ keyid }) => keyid === old.keyid)) return []
    const { train, channel } = read
    return [{ train, channel, ...replaced({ keys, threshold }, old.keyid, next) }]
  })
}

function replaced({ keys, threshold }: RoleTrust, old: Digest, next: TrustedKey): RoleTrust {
  return { keys: keys.map(key => (key.keyid === old ? next : key)), threshold }
}

function ownKeyIsMadeHere({ keyid }: TrustedKey): string {
  return `key ${keyid.slice(0, 16)} lies in the yard, where its successor is made; nothing was changed`
}

function noNewKey({ keyid, owner }: TrustedKey): string {
  return `key ${owner ?? ''} ${keyid.slice(0, 16)} is not the yard's own, and no new one is named; nothing was changed`
}
