import { generateKeyPairSync } from 'node:crypto'
import {
  canonicalJson,
  type Departures,
  digestOf,
  type Json,
  type Name,
  type NamedRelease,
  type ReleaseStatement,
  type RolloutState,
  type RolloutStatement,
  timestampOf,
} from '../../model/index.ts'
import { type Locks, openMemoryStore, type Refs } from '../../store/index.ts'
import { type StatementSigner, statementSignerOf } from '../statements/statement-key.ts'
import { type Metadata, type RoleTrust, signMetadata } from './metadata.ts'
import { openStatements, type Statements } from './open-statements.ts'
import type { StagedFile } from './state.ts'

export interface Person extends StatementSigner {
  owner: string
}

export function person(owner: string): Person {
  return { ...statementSignerOf(generateKeyPairSync('ed25519').privateKey), owner }
}

export function trustOfPeople(threshold: number, ...people: Person[]): RoleTrust {
  return { keys: people.map(({ key, owner }) => ({ ...key, owner })), threshold }
}

/** A yard's statements in memory, with the keys that are in the yard. */
export interface TrialYard {
  refs: Refs
  locks: Locks
  statements: Statements
  /** The keys in the yard; the first is made at need. */
  atHand: StatementSigner[]
}

export function trialYard(
  first: StatementSigner,
  now: () => number = Date.now,
  store: { refs: Refs; locks: Locks } = openMemoryStore(),
): TrialYard {
  const yard: TrialYard = {
    ...store,
    atHand: [],
    statements: openStatements({
      ...store,
      now,
      keys: {
        signers: async () => yard.atHand,
        makeFirst: async () => {
          yard.atHand = [first]
        },
      },
    }),
  }
  return yard
}

/** What a person's own program makes of a staged file. */
export function signedBy({ metadata }: Pick<StagedFile, 'metadata'>, ...people: Person[]): Metadata {
  return signMetadata({ ...metadata, signatures: [] }, people)
}

/** Everybody named signs everything that is staged and wants their signature. */
export async function signAll(yard: TrialYard, ...people: Person[]): Promise<void> {
  for (const one of people)
    for (let file = await wanting(yard, one); file !== undefined; file = await wanting(yard, one))
      await yard.statements.submit(signedBy(file, one))
}

async function wanting({ statements }: TrialYard, { key }: Person): Promise<StagedFile | undefined> {
  const files = (await statements.state()).staged.flatMap(one => one.files)
  return files.find(({ needs }) =>
    needs.some(({ keys, signed }) =>
      keys.some(({ keyid }) => keyid === key.keyid && !signed.includes(keyid)),
    ),
  )
}

/** Everything below a directory of refs. */
export async function copyOf(refs: Refs, directory = 'departures'): Promise<Map<string, string>> {
  const copy = new Map<string, string>()
  for (const name of await refs.list(directory)) {
    const text = await refs.read(`${directory}/${name}`)
    if (text !== undefined) copy.set(`${directory}/${name}`, text)
    else for (const [ref, below] of await copyOf(refs, `${directory}/${name}`)) copy.set(ref, below)
  }
  return copy
}

/** The statements are as they were when the copy was made. */
export async function restore(refs: Refs, copy: ReadonlyMap<string, string>): Promise<void> {
  for (const name of (await copyOf(refs)).keys()) await refs.remove(name)
  for (const [name, text] of copy) await refs.write(name, text)
}

export const [web, dev, production] = ['web', 'dev', 'production'] as [Name, Name, Name]
export const start = Date.UTC(2026, 10, 21, 7)
export const day = 86_400_000

/** A release of the train web by its number. */
export function release(number: number): ReleaseStatement {
  return { version: 1, train: web, release: timestampOf(start + number * 60_000), repositories: {} }
}

export function named(number: number): NamedRelease {
  const statement = release(number)
  return { release: statement.release, digest: digestOf(Buffer.from(textOf(statement))) }
}

export function departures(channel: Name, number: number, more: Partial<Departures> = {}): Departures {
  return {
    version: 1,
    train: web,
    channel,
    release: named(number),
    floor: named(0).release,
    fallbacks: [],
    lifted: 0,
    moved: named(number).release,
    ...more,
  }
}

export function rollout(channel: Name, number: number, state: RolloutState = 'idle'): RolloutStatement {
  const attempt = `${channel}-${number}`
  return {
    version: 1,
    train: web,
    channel,
    release: named(number),
    attempt,
    state,
    grants: [],
    onStale: 'freeze',
  }
}

/** A channel moves to a release: its three statements. */
export function move(channel: Name, number: number) {
  return {
    releases: [release(number)],
    departures: [departures(channel, number)],
    rollouts: [rollout(channel, number)],
  }
}

export function textOf(statement: object): string {
  return canonicalJson(statement as unknown as Json)
}
