import {
  canonicalJson,
  type Digest,
  isDigest,
  isName,
  type Json,
  type Name,
  type Right,
  type Timestamp,
  timestampOf,
  YardError,
} from '../model/index.ts'
import type { Refs } from '../store/index.ts'
import type { TrainContext } from '../train/index.ts'
import { isTokenOf, makeToken, nameInToken } from '../trust/index.ts'
import { recorded } from './recorded.ts'

/** What may be told of a token. */
export interface TokenSummary {
  name: Name
  rights: Right[]
  created: Timestamp
  /** Who made it. */
  by: string
  /** From then on it is worth nothing. */
  expires?: Timestamp
  revoked?: Timestamp
}

interface TokenRecord extends TokenSummary {
  version: 1
  /** SHA-256 of its text. */
  digest: Digest
}

/** Who asks, as a token proves it. */
export interface Bearer {
  name: Name
  rights: readonly Right[]
}

const tokenRef = (name: Name) => `tokens/${name}.json`

/** Every token that was ever made, by name. */
export async function listTokens(refs: Refs): Promise<TokenSummary[]> {
  const names = (await refs.list('tokens')).map(file => file.replace(/\.json$/, '')).filter(isName)
  const records = await Promise.all(names.map(name => readToken(refs, name)))
  return records.filter(record => record !== undefined).map(summaryOf)
}

/**
 * Makes a token; its text is in the answer and nowhere else.
 * @param expiresAt milliseconds since the epoch; undefined: never.
 * @throws YardError `exists` when there is, or was, one of that name: the audit log tells people apart by it.
 */
export async function createToken(
  context: TrainContext,
  name: Name,
  { rights, expiresAt, why }: { rights: Right[]; expiresAt?: number | undefined; why?: string | undefined },
): Promise<{ token: string; summary: TokenSummary }> {
  const { token, digest } = makeToken(name)
  const summary: TokenSummary = {
    name,
    rights,
    created: timestampOf(context.now()),
    by: context.actor.who,
    ...(expiresAt === undefined ? {} : { expires: timestampOf(expiresAt) }),
  }
  if ((await readToken(context.refs, name)) !== undefined) throw taken(name)
  const detailOf = () => ({ rights, ...(summary.expires === undefined ? {} : { expires: summary.expires }) })
  await recorded(context, { verb: 'token create', subject: name, why, detailOf }, async () => {
    const text = textOf({ version: 1, ...summary, digest })
    await context.refs.create(tokenRef(name), text).catch(error => {
      throw error instanceof YardError && error.code === 'exists' ? taken(name) : error
    })
  })
  return { token, summary }
}

function taken(name: Name): YardError {
  return new YardError('exists', `there is, or was, a token ${name} already; nothing was changed`, {
    hint: 'choose another name: the audit log tells tokens apart by it',
  })
}

/** From now on it is worth nothing. Of one that is revoked already nothing changes. @throws YardError `not-found`. */
export async function revokeToken(
  context: TrainContext,
  name: Name,
  { why }: { why?: string | undefined },
): Promise<TokenSummary> {
  const record = await readToken(context.refs, name)
  if (record === undefined)
    throw new YardError('not-found', `there is no token ${name}; nothing was changed`, {
      hint: '`switchyard token list` shows which there are',
    })
  if (record.revoked !== undefined) return summaryOf(record)
  const revoked = { ...record, revoked: timestampOf(context.now()) }
  await recorded(context, { verb: 'token revoke', subject: name, why, detailOf: () => ({}) }, () =>
    context.refs.write(tokenRef(name), textOf(revoked)),
  )
  return summaryOf(revoked)
}

/**
 * Who bears a token. An unknown name and a wrong secret cannot be told apart.
 * @throws YardError `unauthenticated`, which never has the text of the token.
 */
export async function authenticate(refs: Refs, text: string, now: number): Promise<Bearer> {
  const name = nameInToken(text)
  const record = name === undefined ? undefined : await readToken(refs, name)
  if (!isTokenOf(text, record?.digest ?? nobody) || record === undefined)
    throw new YardError('unauthenticated', 'the token is not one of this yard; nothing was changed', {
      hint: '`switchyard token create` makes one',
    })
  const fault =
    record.revoked !== undefined
      ? `was revoked at ${record.revoked}`
      : record.expires !== undefined && record.expires <= timestampOf(now)
        ? `expired at ${record.expires}`
        : undefined
  if (fault === undefined) return { name: record.name, rights: record.rights }
  throw new YardError('unauthenticated', `the token ${name} ${fault}; nothing was changed`, {
    hint: '`switchyard token create` makes a new one, under another name',
  })
}

/** What no token has as its digest. */
const nobody = '0'.repeat(64) as Digest

async function readToken(refs: Refs, name: Name): Promise<TokenRecord | undefined> {
  const text = await refs.read(tokenRef(name))
  if (text === undefined) return undefined
  const record = recordIn(text)
  if (record?.name === name) return record
  throw new YardError('damaged', `the ref ${tokenRef(name)} is damaged, and its token worth nothing`, {
    hint: 'restore it from a backup, or remove it and make another token',
  })
}

function recordIn(text: string): TokenRecord | undefined {
  try {
    const record = JSON.parse(text) as TokenRecord
    const isWhole = record.version === 1 && isDigest(record.digest) && Array.isArray(record.rights)
    return isWhole ? record : undefined
  } catch {
    return undefined
  }
}

function summaryOf({ version: _, digest: __, ...summary }: TokenRecord): TokenSummary {
  return summary
}

function textOf(record: TokenRecord): string {
  return `${canonicalJson(record as unknown as Json)}\n`
}
