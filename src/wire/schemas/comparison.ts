import { z } from 'zod'
import type { Yard } from '../../yard/index.ts'
import { bytesAsText, component, count, name, timestamp } from './component.ts'
import { contentDiff } from './diff.ts'

const side = component(
  'ComparedSide',
  z.looseObject({
    kind: z.enum(['snapshot', 'release']),
    name: z.string().describe('REPO@T or TRAIN@T'),
    channel: z.string().optional().describe('TRAIN/CHANNEL, where a channel was named'),
  }),
)

const place = z.looseObject({ repository: name, timestamp })

export const comparison = component<Awaited<ReturnType<Yard['compare']>>>(
  'Comparison',
  z.looseObject({
    from: side,
    to: side,
    repositories: z.array(
      z.looseObject({
        repository: name.describe('The name under which it travels'),
        from: place.optional().describe('Absent where that side has no such repository'),
        to: place.optional(),
        diff: contentDiff,
      }),
    ),
    sum: z.looseObject({}).describe('Of all of them'),
  }),
)

export const sourcesComparison = component<Awaited<ReturnType<Yard['compareSources']>>>(
  'SourcesComparison',
  z.looseObject({
    from: side,
    to: side,
    count: z.looseObject({
      upgraded: count,
      downgraded: count,
      removed: count,
      added: count,
      unchanged: count,
    }),
    sources: z.array(
      z.looseObject({
        kind: z.enum(['downgraded', 'removed', 'added', 'upgraded']),
        name: bytesAsText,
        before: bytesAsText.optional(),
        after: bytesAsText.optional(),
        packages: count.describe('How many are built from it'),
        replacedBy: z
          .array(bytesAsText)
          .optional()
          .describe('Sources from which the other side builds packages of the same names'),
      }),
    ),
    downgrades: z
      .array(
        z.looseObject({
          name: bytesAsText,
          source: bytesAsText,
          before: bytesAsText,
          after: bytesAsText,
          architectures: z.array(bytesAsText),
        }),
      )
      .describe('Packages of hosts that would go down'),
    architectures: z.array(bytesAsText).describe('Those whose packages were compared'),
  }),
)

const overlaid = z.looseObject({
  family: z.enum(['deb', 'rpm']),
  name: bytesAsText,
  architecture: bytesAsText,
  ours: z.looseObject({ repository: name, version: bytesAsText, since: timestamp }),
})

export const overlayReport = component<Awaited<ReturnType<Yard['overlay']>>>(
  'OverlayReport',
  z.looseObject({
    release: z.string().describe('TRAIN@T'),
    count: z.record(z.string(), count),
    shadows: z
      .array(
        overlaid.extend({
          state: z.string(),
          upstream: z.looseObject({ repository: name, version: bytesAsText, since: timestamp }),
          caughtUp: timestamp.optional().describe('When upstream had a version that is not older than ours'),
        }),
      )
      .describe("Those that shadow a package of upstream's, the worst state first"),
    alone: z.array(overlaid).describe('Those that shadow nothing'),
    notes: z.array(z.string()),
  }),
)
