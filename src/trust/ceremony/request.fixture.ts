import { generateKeyPairSync } from 'node:crypto'
import {
  canonicalJson,
  type Departures,
  digestOf,
  type Json,
  type Name,
  type Timestamp,
} from '../../model/index.ts'
import {
  type ListedKey,
  listTrust,
  type Metadata,
  type RoleTrust,
  type RootSigned,
  type Signed,
  signMetadata,
  specVersion,
  type TargetsSigned,
} from '../departures/metadata.ts'
import { haltField, pathsOf, roleOf, targetOf } from '../statements/layout.ts'
import { type StatementSigner, statementSignerOf } from '../statements/statement-key.ts'
import type { SigningRequest } from './request.ts'

/** Requests for tests: of the people ada, ben and eve, for the channel web/production. */
export interface Person extends StatementSigner {
  trusted: RoleTrust['keys'][number]
}

export function person(
  owner: string,
  signer: StatementSigner = statementSignerOf(generateKeyPairSync('ed25519').privateKey),
): Person {
  const made = { ...signer, trusted: { ...signer.key, owner } }
  everybody.set(signer.key.keyid, made)
  return made
}

const everybody = new Map<string, Person>()

/** As all whose signatures may count would sign it. */
export function signedByAll<S extends Signed>(metadata: Metadata<S>, { keys }: RoleTrust): Metadata<S> {
  return signMetadata(
    metadata,
    keys.flatMap(({ keyid }) => everybody.get(keyid) ?? []),
  )
}

export function trustOfPeople(threshold: number, ...people: Person[]): RoleTrust {
  return { keys: people.map(({ trusted }) => trusted), threshold }
}

const expires = '2027-02-19T07:00:00Z'
export const web = 'web' as Name
export const production = 'production' as Name
export const channelRole = roleOf.channel(web, production)

export function rootOf(version: number, people: RoleTrust, online: RoleTrust): Metadata<RootSigned> {
  const keys: { [keyid: string]: ListedKey } = {}
  const roles = {
    root: listTrust(people, keys),
    targets: listTrust(people, keys),
    snapshot: listTrust(online, keys),
    timestamp: listTrust(online, keys),
  }
  const halts = listTrust({ ...people, threshold: 1 }, keys)
  return {
    signatures: [],
    signed: {
      _type: 'root',
      spec_version: specVersion,
      version,
      expires,
      consistent_snapshot: true,
      keys,
      roles,
      [haltField]: halts,
    },
  }
}

export function targetsOf(version: number, people: RoleTrust): Metadata<TargetsSigned> {
  const keys: { [keyid: string]: ListedKey } = {}
  const role = {
    name: channelRole,
    paths: pathsOf.channel(web, production),
    terminating: true as const,
    ...listTrust(people, keys),
  }
  return {
    signatures: [],
    signed: {
      _type: 'targets',
      spec_version: specVersion,
      version,
      expires,
      targets: {},
      delegations: { keys, roles: [role] },
    },
  }
}

export function departuresOf(release: string, more: Partial<Departures> = {}): Departures {
  const named = (text: string) => ({ release: text as Timestamp, digest: digestOf(Buffer.from(text)) })
  return {
    version: 1,
    train: web,
    channel: production,
    release: named(release),
    floor: '20261101T070000Z' as Timestamp,
    fallbacks: [],
    lifted: 0,
    moved: '20261122T080000Z' as Timestamp,
    ...more,
  }
}

/** The metadata of the channel for a statement, and the statement's text by its digest. */
export function channelMetadata(
  version: number,
  statement: object,
  path: string = targetOf.departures(web, production),
) {
  const text = canonicalJson(statement as Json)
  const sha256 = digestOf(Buffer.from(text))
  const metadata: Metadata<TargetsSigned> = {
    signatures: [],
    signed: {
      _type: 'targets',
      spec_version: specVersion,
      version,
      expires,
      targets: { [path]: { length: text.length, hashes: { sha256 } } },
    },
  }
  return { metadata, texts: { [sha256]: text } }
}

/** The channel moves from one release to another, and people have to sign. */
export function moveRequest(
  people: RoleTrust,
  online: RoleTrust,
  by: StatementSigner[] = [],
): SigningRequest {
  const before = channelMetadata(7, departuresOf('20261121T070000Z'))
  const now = channelMetadata(8, departuresOf('20261122T070000Z', { floor: '20261121T070000Z' as Timestamp }))
  return {
    version: 1,
    roots: [],
    root: signedByAll(rootOf(1, people, online), people),
    targets: signedByAll(targetsOf(3, people), people),
    waiting: [
      {
        change: 1,
        role: channelRole,
        needs: [people],
        metadata: signMetadata(now.metadata, by),
        before: signedByAll(before.metadata, people),
      },
    ],
    texts: { ...before.texts, ...now.texts },
    halts: [],
  }
}
