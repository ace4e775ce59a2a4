import { z } from 'zod'
import { type AuditEntry, type Digest, parseRight, type Right } from '../../model/index.ts'
import type { LogReport, TokenSummary, Yard } from '../../yard/index.ts'
import { bytes, component, count, digest, name, timestamp } from './component.ts'

export const gcReport = component<Awaited<ReturnType<Yard['collectGarbage']>>>(
  'GcReport',
  z.looseObject({
    dryRun: z.boolean(),
    removedBlobs: count,
    removedPages: count,
    freedBytes: bytes,
  }),
)

export const fsckReport = component<Awaited<ReturnType<Yard['fsck']>>>(
  'FsckReport',
  z.looseObject({
    checkedBlobs: count,
    checkedPages: count,
    checkedRefs: count,
    checkedBytes: bytes,
    findings: z.array(
      z.looseObject({
        what: z.string().describe('`blob`, `page`, `ref`, `count`, ...'),
        name: z.string(),
        problem: z.string(),
        repaired: z.boolean(),
        usedBy: z.array(z.string()),
      }),
    ),
  }),
)

export const removed = component<{ removed: string[] }>(
  'Removed',
  z.looseObject({ removed: z.array(z.string()).describe('REPO@T each') }),
)

export const missingBlobs = component<{ missing: Digest[] }>(
  'MissingBlobs',
  z.looseObject({ missing: z.array(digest) }),
)

export const received = component<{ sha256: Digest; size: number }>(
  'Received',
  z.looseObject({ sha256: digest, size: bytes }),
)

const auditEntry = component<AuditEntry>(
  'AuditEntry',
  z.looseObject({
    number: count.describe('From 1, without gaps'),
    at: timestamp,
    verb: z.string(),
    subject: z.string(),
    who: z.string(),
    via: z.enum(['command line', 'api', 'schedule', 'recovery']),
    why: z.string().optional(),
    detail: z.unknown(),
    previous: digest.describe('Of the entry before'),
    digest: digest.describe('SHA-256 of the canonical JSON of the entry without this'),
  }),
)

export const auditEntries = component<{ entries: AuditEntry[] }>(
  'AuditEntries',
  z.looseObject({ entries: z.array(auditEntry) }),
)

const link = z.looseObject({ number: count, digest })

export const logReport = component<LogReport>(
  'LogReport',
  z.looseObject({
    entryCount: count.describe('Entries that stand in their places, from the first one on'),
    last: link.optional(),
    fault: z
      .looseObject({
        number: z.int(),
        kind: z.enum(['changed', 'missing', 'added', 'replaced', 'cut off']),
      })
      .optional()
      .describe('The first entry that is not what was written'),
    head: link
      .extend({ at: timestamp })
      .optional()
      .describe("How far the log had come when the yard's keys signed it"),
    headProblem: z.string().optional(),
    uncoveredCount: count.describe('Entries behind the signed head'),
  }),
)

export const right = component<Right>(
  'Right',
  z
    .string()
    .max(160)
    .refine((text): text is Right => isRight(text), 'not a right')
    .describe('`promote`, `promote:web`, `promote:web/production`, `sync:debian`, ..., `admin`'),
)

function isRight(text: string): boolean {
  try {
    parseRight(text)
    return true
  } catch {
    return false
  }
}

export const token = component<TokenSummary>(
  'Token',
  z.looseObject({
    name,
    rights: z.array(right),
    created: timestamp,
    by: z.string().describe('Who made it'),
    expires: timestamp.optional(),
    revoked: timestamp.optional(),
  }),
)

export const tokens = component<{ tokens: TokenSummary[] }>(
  'Tokens',
  z.looseObject({ tokens: z.array(token) }),
)

export const newToken = component<{ token: string; summary: TokenSummary }>(
  'NewToken',
  z.looseObject({ token: z.string().describe('Its text; it is not shown again'), summary: token }),
)
