import { Suspicion } from './suspicion.ts'

/** Most bytes of each file. */
export const caps = {
  root: 512_000,
  timestamp: 16_384,
  snapshot: 2_000_000,
  targets: 2_000_000,
  statement: 1_000_000,
} as const

/** Most entries of each table. The library below takes time quadratic in them: a second for 2,000 targets. */
const mostEntries = { signatures: 64, keys: 512, roles: 2_048, meta: 2_048, targets: 2_048 } as const
const expiryShape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/

export type RoleType = 'root' | 'timestamp' | 'snapshot' | 'targets'

/** What is certain of metadata that the guard let through, before any signature was verified. */
export interface GuardedMetadata {
  version: number
  /** ISO 8601. */
  expires: string
}

/**
 * What holds for metadata that is worth verifying: bounded in every table, a version and an expiry as the specification writes them (4.3), one name
 * for one key.
 * @param type of the role: its `_type`.
 * @throws Suspicion
 */
export function guardMetadata(object: string, type: RoleType, bytes: Buffer): GuardedMetadata {
  const { signed, signatures } = record(object, parse(object, bytes))
  const fields = record(object, signed)
  const { version, expires, _type } = fields
  // Though the right key may have signed it, as another role's.
  if (_type !== type)
    throw new Suspicion('mix-and-match', object, `it says that it is ${JSON.stringify(_type)}, not ${type}`)
  if (!Number.isSafeInteger(version) || (version as number) < 1)
    throw damaged(object, `its version is ${JSON.stringify(version)}`)
  if (typeof expires !== 'string' || !expiryShape.test(expires) || Number.isNaN(Date.parse(expires)))
    throw damaged(object, `it expires ${JSON.stringify(expires)}`)
  bounded(object, 'signatures', signatures)
  for (const table of ['keys', 'roles', 'meta', 'targets'] as const) bounded(object, table, fields[table])
  guardKeys(object, fields.keys)
  if (fields.delegations !== undefined) {
    const { keys, roles } = record(object, fields.delegations)
    bounded(object, 'keys', keys)
    bounded(object, 'roles', roles)
    guardKeys(object, keys)
    for (const role of Array.isArray(roles) ? roles : []) guardRole(object, role)
  }
  return { version: version as number, expires }
}

/** One key under two names would count twice towards a threshold (TAP 12). */
function guardKeys(object: string, keys: unknown): void {
  if (keys === undefined) return
  const values = Object.values(record(object, keys)).map(key => JSON.stringify(record(object, key).keyval))
  if (new Set(values).size < values.length)
    throw new Suspicion('key-compromise', object, 'it lists one key under two names')
}

/** Roles become members of a table in the library below, where some names mean something else. */
function guardRole(object: string, role: unknown): void {
  const { name } = record(object, role)
  if (typeof name !== 'string' || name.length > 256 || name in {})
    throw damaged(object, `it delegates to ${JSON.stringify(name)}`)
}

function bounded(object: string, what: keyof typeof mostEntries, table: unknown): void {
  const most = mostEntries[what]
  const entries = typeof table === 'object' && table !== null ? Object.keys(table).length : 0
  if (entries > most)
    throw new Suspicion('endless-data', object, `it has ${entries} ${what}, of ${most} that it may have`)
}

function parse(object: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw damaged(object, 'it is not JSON', error)
  }
}

function record(object: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw damaged(object, 'it is not TUF metadata')
}

function damaged(object: string, why: string, cause?: unknown): Suspicion {
  return new Suspicion('damaged', object, why, cause)
}
