import type { ChannelReference, Departures, Digest, Name, Timestamp } from '../../model/index.ts'
import type { StagedChange, StatementsState, TrustedKey } from '../../trust/index.ts'
import { roleOf, targetOf } from '../../trust/pure.ts'
import type { TrainContext } from '../context.ts'

/** Who signs for a channel that the keys of the yard alone cannot sign for. */
export interface PeoplesChannel {
  keys: TrustedKey[]
  /** So many of them must. */
  threshold: number
}

/** A move that waits for signatures: the channel stays until enough people have signed. */
export interface StagedMove {
  train: Name
  channel: Name
  release: Timestamp
  /** Of the staged change, as `switchyard trust staged` shows it. */
  id: number
  waits: Wait[]
}

/** One file that people sign. */
export interface Wait {
  /** Of the metadata: `targets`, `channel_web_production`. */
  role: string
  /** So many must sign. */
  threshold: number
  /** Whoever may. */
  signers: { keyid: Digest; name: string; signed: boolean }[]
}

/** Undefined: whatever the channel states, the yard signs by itself. */
export function peoplesChannel(
  { roles, atHand }: Pick<StatementsState, 'roles' | 'atHand'>,
  { train, channel }: ChannelReference,
): PeoplesChannel | undefined {
  const find = (name: string) => roles.find(({ role }) => role === name)
  // Whoever delegates a channel signs for it, until somebody else is named.
  const trust = find(roleOf.channel(train, channel)) ?? find('targets')
  if (trust === undefined) return undefined
  const { keys, threshold } = trust
  return keys.filter(({ keyid }) => atHand.includes(keyid)).length < threshold
    ? { keys, threshold }
    : undefined
}

/** Whose signatures a staged change waits for. */
export function waitsOf({ files }: StagedChange): Wait[] {
  return files.flatMap(({ role, needs }) =>
    needs.map(({ keys, threshold, signed }) => ({
      role,
      threshold,
      signers: keys.map(key => ({
        keyid: key.keyid,
        name: nameOfKey(key),
        signed: signed.includes(key.keyid),
      })),
    })),
  )
}

/** What waits for signatures as the statement of a channel; undefined: nothing does. */
export function stagedOf(
  { staged }: Pick<StatementsState, 'staged'>,
  { train, channel }: ChannelReference,
): { departures: Departures; change: StagedChange } | undefined {
  const path = targetOf.departures(train, channel)
  for (const change of staged) {
    const statements = change.files.flatMap(file => file.statements)
    const text = statements.find(one => one.path === path)?.text
    if (text !== undefined) return { departures: JSON.parse(text) as Departures, change }
  }
  return undefined
}

/** Names of those who have signed that a channel goes to a release, while that waits for signatures. */
export function stagedSignatures(
  state: Pick<StatementsState, 'staged'>,
  { train, channel }: ChannelReference,
  release: Timestamp,
): string[] {
  const staged = stagedOf(state, { train, channel })
  if (staged?.departures.release.release !== release) return []
  const wait = waitsOf(staged.change).find(({ role }) => role === roleOf.channel(train, channel))
  return (wait?.signers ?? []).filter(({ signed }) => signed).map(({ name }) => name)
}

/** How a key is called among people. */
export function nameOfKey({ owner, keyid }: TrustedKey): string {
  return owner ?? `key ${keyid.slice(0, 12)}`
}

/** Whether, and by whom, the statements of a channel are signed beside the yard's keys. */
export async function readPeoplesChannel(
  { statements }: TrainContext,
  reference: ChannelReference,
): Promise<PeoplesChannel | undefined> {
  return peoplesChannel(await statements.state(), reference)
}
