import { z } from 'zod'
import type { LiftReport } from '../../train/index.ts'
import type { YardStatus } from '../../yard/index.ts'
import { component, count, name, timestamp } from './component.ts'
import { wait } from './trains.ts'

const halt = z.looseObject({
  number: count,
  scope: z.array(z.string()).describe('TRAIN or TRAIN/CHANNEL; none: every channel'),
  who: z.string(),
  why: z.string(),
  at: timestamp,
})

export const status = component<YardStatus>(
  'Status',
  z.looseObject({
    at: timestamp,
    channels: z.array(
      z.looseObject({
        train: name,
        channel: name,
        release: timestamp.optional(),
        moved: timestamp.optional(),
        who: z.string().optional(),
        told: z
          .looseObject({ release: timestamp, floor: timestamp, fallbacks: z.array(timestamp) })
          .optional()
          .describe(
            'Where hosts are told that it stands, their security floor, and where they may be taken back to',
          ),
        halts: z.array(count).describe('Numbers of the halts that hold its hosts'),
      }),
    ),
    statements: z.looseObject({
      profile: z.enum(['none', 'solo', 'hardened', 'unknown']),
      freshUntil: timestamp.optional(),
      roles: z.array(z.looseObject({ role: z.string(), expires: timestamp, byPeople: z.boolean() })),
      staged: z.array(z.looseObject({ id: count, waits: z.array(wait) })),
    }),
    halts: z.array(halt).describe('Those that hold a channel'),
    hands: z
      .array(z.looseObject({ what: z.string(), hint: z.string() }))
      .describe('What somebody should see to'),
  }),
)

export const liftReport = component<LiftReport>(
  'LiftReport',
  z.looseObject({
    outcome: z.enum(['lifted', 'staged', 'unchanged']),
    halts: z.array(halt),
    staged: z
      .looseObject({ id: count, waits: z.array(wait) })
      .optional()
      .describe('Whose signatures it waits for'),
  }),
)
