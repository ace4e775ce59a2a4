import { type Digest, digestOf } from '../../model/index.ts'
import { haltField } from '../statements/layout.ts'
import type { DraftedFile } from './draft.ts'
import {
  type Metadata,
  type RoleTrust,
  type Signed,
  signersOf,
  textOfMetadata,
  topRoles,
  trustOf,
} from './metadata.ts'
import { draftFor, type Situation } from './settle.ts'
import type { Waiting } from './staged.ts'

/** What is published and what waits, for people and for whoever writes requests to sign. */
export interface StatementsState {
  /** Undefined before the first statement. */
  root: { version: number; digest: Digest; expires: string } | undefined
  /** One key holds every role. */
  isSolo: boolean
  /** Who may sign: root, targets, snapshot, timestamp, halt, and every delegated role by its name in metadata. */
  roles: ({ role: string } & RoleTrust & { version?: number; expires?: string })[]
  /** Ids of the keys in the yard. */
  atHand: Digest[]
  staged: StagedChange[]
}

/** A change that waits; it is published when every file in it has signatures enough. */
export interface StagedChange {
  id: number
  files: StagedFile[]
}

export interface StagedFile {
  /** `root`, `targets`, or the delegated role's name. */
  role: string
  /** What is to be signed, with the signatures so far: what `switchyard sign` takes and `submit` gets back. */
  metadata: Metadata
  /** Each must be reached; a new root needs the old keys and the new ones. `signed`: which keys' signatures hold. */
  needs: (RoleTrust & { signed: Digest[] })[]
  /** The statements that it signs and that are new with it, as texts of canonical JSON, beside those that they replace. */
  statements: { path: string; text: string; before?: string }[]
  /** What the published version of the file signs. */
  before?: Signed
}

export async function stateOf(situation: Situation): Promise<StatementsState> {
  const { published, staging, signers } = situation
  const atHand = signers.map(({ key }) => key.keyid)
  const { root, targets, snapshot, timestamp } = published
  const { keys } = root.signed
  const files = { root, targets, snapshot, timestamp }
  const top = topRoles.map(role => ({
    role,
    ...trustOf(root.signed.roles[role], keys),
    ...datesOf(files[role]),
  }))
  const delegations = targets?.signed.delegations
  const delegated = await Promise.all(
    (delegations?.roles ?? []).map(async one => ({
      role: one.name,
      ...trustOf(one, delegations!.keys),
      ...datesOf(await published.role(one.name)),
    })),
  )
  const roles = [...top, { role: 'halt', ...trustOf(root.signed[haltField], keys) }, ...delegated]
  return {
    root: {
      version: root.signed.version,
      digest: digestOf(Buffer.from(textOfMetadata(root))),
      expires: root.signed.expires,
    },
    isSolo: new Set(roles.flatMap(role => role.keys.map(({ keyid }) => keyid))).size === 1,
    roles,
    atHand,
    staged: await Promise.all(staging.waiting.map(one => stagedChange(situation, one))),
  }
}

function datesOf(file: Metadata | undefined): { version?: number; expires?: string } {
  return file === undefined ? {} : { version: file.signed.version, expires: file.signed.expires }
}

async function stagedChange(situation: Situation, waiting: Waiting): Promise<StagedChange> {
  const draft = await draftFor(situation, waiting)
  const roles = Object.keys(waiting.files).filter(role => draft.files.has(role))
  const files = roles.map(role => stagedFile(situation, waiting, role, draft.files.get(role)!))
  return { id: waiting.id, files: [...stagedRoot(situation, waiting), ...(await Promise.all(files))] }
}

function stagedRoot({ published }: Situation, { root }: Waiting): StagedFile[] {
  if (root === undefined) return []
  const before = published.root.signed
  const needs = [before, root.signed].map(({ roles, keys }) => need(trustOf(roles.root, keys), root))
  return [{ role: 'root', metadata: root, needs, statements: [], before }]
}

async function stagedFile(
  { published }: Situation,
  { change }: Waiting,
  role: string,
  { metadata, trust }: DraftedFile,
): Promise<StagedFile> {
  const before = await published.role(role)
  const statements = Object.entries(change.roles[role]?.put ?? {}).map(async ([path, text]) => {
    const replaced = await published.target(role, path)
    return replaced === undefined ? { path, text } : { path, text, before: replaced }
  })
  return {
    role,
    metadata,
    needs: [need(trust, metadata)],
    statements: await Promise.all(statements),
    ...(before === undefined ? {} : { before: before.signed }),
  }
}

function need(trust: RoleTrust, metadata: Metadata) {
  return { ...trust, signed: signersOf(metadata, trust.keys) }
}
