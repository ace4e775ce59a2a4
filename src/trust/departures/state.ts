import { type Digest, digestOf } from '../../model/index.ts'
import { haltField } from '../statements/layout.ts'
import type { StatementSigner } from '../statements/statement-key.ts'
import {
  type Metadata,
  type RoleTrust,
  type Signed,
  signersOf,
  textOfMetadata,
  topRoles,
  trustOf,
} from './metadata.ts'
import type { Published } from './published.ts'
import type { Staging, Waiting } from './staged.ts'

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

export async function stateOf(
  published: Published | undefined,
  staging: Staging,
  signers: readonly StatementSigner[],
): Promise<StatementsState> {
  const atHand = signers.map(({ key }) => key.keyid)
  if (published === undefined) return { root: undefined, isSolo: false, roles: [], atHand, staged: [] }
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
    staged: await Promise.all(staging.waiting.map(one => stagedChange(published, one))),
  }
}

function datesOf(file: Metadata | undefined): { version?: number; expires?: string } {
  return file === undefined ? {} : { version: file.signed.version, expires: file.signed.expires }
}

async function stagedChange(
  published: Published,
  { id, change, root, files }: Waiting,
): Promise<StagedChange> {
  const current = published.root.signed
  const next = root?.signed ?? current
  const delegations = (files.targets ?? published.targets)?.signed.delegations
  const rootFile: StagedFile[] =
    root === undefined
      ? []
      : [
          {
            role: 'root',
            metadata: root,
            needs: [current, next].map(({ roles, keys }) => need(trustOf(roles.root, keys), root)),
            statements: [],
            before: current,
          },
        ]
  const others = await Promise.all(
    Object.entries(files).map(async ([role, metadata]): Promise<StagedFile> => {
      const delegated = delegations?.roles.find(({ name }) => name === role)
      const trust =
        role === 'targets' ? trustOf(next.roles.targets, next.keys) : trustOf(delegated!, delegations!.keys)
      const before = await published.role(role)
      const put = Object.entries(change.roles[role]?.put ?? {})
      const statements = put.map(async ([path, text]) => {
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
    }),
  )
  return { id, files: [...rootFile, ...others] }
}

function need(trust: RoleTrust, metadata: Metadata) {
  return { ...trust, signed: signersOf(metadata, trust.keys) }
}
