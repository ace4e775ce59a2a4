import { z } from 'zod'
import type { ReleaseSummary, TrainSummary } from '../../train/index.ts'
import type { Yard } from '../../yard/index.ts'
import { bytesAsText, component, count, name, timestamp } from './component.ts'

const snapshotName = z.looseObject({ repository: name, timestamp })

export const release = component(
  'Release',
  z.looseObject({
    version: z.literal(1),
    train: name,
    timestamp,
    kind: z.enum(['regular', 'bump']),
    snapshots: z
      .record(z.string(), snapshotName)
      .describe('By the repositories of the train; where packages are held or bumped, in a line of its own'),
    from: timestamp.optional().describe('The release that it was derived from'),
    policy: z
      .record(
        z.string(),
        z.looseObject({
          after: name.optional(),
          gates: z.array(z.looseObject({ gate: z.string(), options: z.unknown() })),
        }),
      )
      .describe('The channels and gates of the train as they were declared when it was cut'),
    who: z.string(),
    why: z.string().optional(),
  }),
)

const move = z.looseObject({
  kind: z.enum(['promotion', 'rollback']),
  release: timestamp,
  from: timestamp.optional(),
  moved: timestamp,
  who: z.string(),
  why: z.string().optional(),
  overridden: z
    .array(z.looseObject({ gate: z.string(), why: z.string() }))
    .optional()
    .describe('Gates that did not pass and were overridden'),
})

const channel = component(
  'Channel',
  z.looseObject({
    version: z.literal(1),
    train: name,
    channel: name,
    release: timestamp,
    moved: timestamp.describe('When it was sealed: at its last move, or when the keys changed after it'),
    repositories: z
      .record(z.string(), z.looseObject({ snapshot: snapshotName }))
      .describe('What is served under the name of each repository'),
    line: z.array(timestamp).describe('Releases in the order of their promotions'),
    at: count.describe('Where in the line the channel stands'),
    history: z.array(move).describe('Every move, oldest first'),
  }),
)

const train = component<TrainSummary>(
  'Train',
  z.looseObject({
    name,
    repositories: z.array(name),
    channels: z.array(
      z.looseObject({
        name,
        after: name.optional(),
        gates: z.array(z.string()),
        record: channel.optional(),
      }),
    ),
    releaseCount: count,
  }),
)

const releaseSummary = component<ReleaseSummary>(
  'ReleaseSummary',
  z.looseObject({
    record: release,
    channels: z.array(name).describe('Those that are at it now'),
    totalEntries: count.describe('Files that its snapshots name'),
    localEntries: count.describe('Those of them that are here'),
  }),
)

export const trains = component<{ trains: TrainSummary[] }>(
  'Trains',
  z.looseObject({ trains: z.array(train) }),
)
export const releases = component<{ releases: ReleaseSummary[] }>(
  'Releases',
  z.looseObject({ releases: z.array(releaseSummary) }),
)

export const cutReport = component<Awaited<ReturnType<Yard['release']>>>(
  'CutReport',
  z.looseObject({
    outcome: z
      .enum(['created', 'unchanged'])
      .describe('`unchanged`: there is nothing that the newest one has not'),
    release,
    notes: z.array(z.string()).describe('Holds that have expired, bumps that it does not have'),
  }),
)

/** One file that people sign. */
export const wait = z.looseObject({
  role: z.string().describe('Of the metadata'),
  threshold: count.describe('So many must sign'),
  signers: z
    .array(z.looseObject({ keyid: z.string(), name: z.string(), signed: z.boolean() }))
    .describe('Whoever may'),
})

const stagedMove = z
  .looseObject({
    train: name,
    channel: name,
    release: timestamp,
    id: count.describe('Of the staged change'),
    waits: z.array(wait),
  })
  .describe('What waits for signatures')

export const moveReport = component<Awaited<ReturnType<Yard['promote']>>>(
  'MoveReport',
  z.looseObject({
    outcome: z
      .enum(['moved', 'unchanged', 'staged'])
      .describe('`staged`: the channel stays until enough people have signed'),
    channel: channel.optional().describe('Where it stands; absent when it is staged'),
    staged: stagedMove.optional(),
    changes: z
      .looseObject({
        identity: z.array(z.looseObject({ repository: name, suite: bytesAsText })),
        reissued: z.array(z.looseObject({ repository: name, path: bytesAsText })),
        reissuedCount: count,
        lost: z.array(z.string()).describe('What the release lacks of the bump at which the channel stood'),
      })
      .describe('What it does to clients beside giving them other packages'),
    from: timestamp.optional().describe('Where it stood before'),
    milliseconds: z.number(),
  }),
)
