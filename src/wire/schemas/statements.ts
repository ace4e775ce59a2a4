import { z } from 'zod'
import type { SigningRequest, StatementsState } from '../../trust/index.ts'
import type { CeremonyReport } from '../../yard/index.ts'
import { component, count, digest, timestamp } from './component.ts'

const signers = {
  keys: z.array(z.looseObject({ keyid: digest, public: z.string(), owner: z.string().optional() })),
  threshold: count.describe('So many of them must sign'),
}

export const statements = component<StatementsState>(
  'Statements',
  z.looseObject({
    root: z.looseObject({ version: count, digest, expires: z.string() }).optional(),
    isSolo: z.boolean().describe('One key holds every role'),
    roles: z.array(
      z.looseObject({
        role: z.string(),
        ...signers,
        version: count.optional(),
        expires: z.string().optional(),
      }),
    ),
    atHand: z.array(digest).describe('Ids of the keys in the yard'),
    staged: z.array(z.looseObject({ id: count, files: z.array(z.looseObject({ role: z.string() })) })),
  }),
)

export const signingRequest = component<{ request?: SigningRequest }>(
  'SigningRequest',
  z.looseObject({
    request: z
      .looseObject({ version: z.literal(1), waiting: z.array(z.looseObject({ role: z.string() })) })
      .optional()
      .describe('As `switchyard sign` takes it; absent when nothing waits for signatures'),
  }),
)

export const withdrawn = component<{ withdrawn: number }>(
  'Withdrawn',
  z.looseObject({ withdrawn: count.describe('Id of the change') }),
)

export const ceremonyReport = component<CeremonyReport>(
  'CeremonyReport',
  z.looseObject({
    halts: z
      .array(
        z.looseObject({
          number: count,
          scope: z.array(z.string()),
          who: z.string(),
          why: z.string(),
          at: timestamp,
        }),
      )
      .describe('Halts that hosts are handed from now on'),
    unheard: z
      .array(z.string())
      .describe('Channels that they concern and do not bind, because later halts were lifted there'),
    published: count.optional().describe('Version of the timestamp, when the signatures completed something'),
    moved: z.array(z.looseObject({})).describe('Channels that moved with it'),
    kept: z.array(z.string()).describe('Roles whose metadata waits for more signatures'),
    refused: z.array(z.looseObject({ role: z.string(), why: z.string() })),
  }),
)
