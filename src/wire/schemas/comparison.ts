import { z } from 'zod'
import type { Comparison, OverlayReport, SourcesComparison } from '../../train/index.ts'
import { bytes, bytesAsText, component, count, name, timestamp } from './component.ts'
import { changeCount, contentDiff, need } from './diff.ts'

const side = z.looseObject({
  kind: z.enum(['snapshot', 'release']),
  name: z.string().describe('REPO@T or TRAIN@T'),
  channel: z.string().optional().describe('TRAIN/CHANNEL, where one was named'),
})

const snapshotName = z.looseObject({ repository: name, timestamp })

const mending = z.looseObject({
  advisories: z.array(z.string()).describe('Ids of advisories for security'),
  cves: z.array(z.string()).describe('Those that advisories name'),
  changelogCves: z.array(z.string()).describe('Further ones that only changelogs name'),
})

export const comparison = component<Comparison>(
  'Comparison',
  z.looseObject({
    from: side,
    to: side,
    repositories: z.array(
      z.looseObject({
        repository: name.describe('The name under which it travels'),
        from: snapshotName.optional().describe('Absent: that side has no such repository'),
        to: snapshotName.optional(),
        diff: contentDiff,
      }),
    ),
    sum: z.looseObject({
      count: changeCount,
      removedBytes: bytes,
      addedBytes: bytes,
      mended: mending,
      lost: mending,
      needs: need.optional().describe('The strongest that any package has'),
    }),
  }),
)

const family = z.enum(['deb', 'rpm'])
const byEpoch = z.literal(true).optional().describe('Without the epochs the order would be another one')

export const sourcesComparison = component<SourcesComparison>(
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
    sources: z
      .array(
        z.looseObject({
          kind: z.enum(['downgraded', 'removed', 'added', 'upgraded']),
          family,
          name: bytesAsText,
          before: bytesAsText.optional(),
          after: bytesAsText.optional(),
          packages: count.describe('How many packages are built from it'),
          byEpoch,
          replacedBy: z
            .array(bytesAsText)
            .optional()
            .describe('Of one that vanishes: the sources that build packages of the same names'),
        }),
      )
      .describe('Every source package that is not the same, what goes down first'),
    downgrades: z
      .array(
        z.looseObject({
          family,
          name: bytesAsText,
          source: bytesAsText,
          before: bytesAsText,
          after: bytesAsText,
          architectures: z.array(bytesAsText),
          byEpoch,
        }),
      )
      .describe('Packages of hosts that would go down'),
    architectures: z.array(bytesAsText).describe('Whose packages were compared'),
  }),
)

const overlaid = {
  family,
  name: bytesAsText,
  architecture: bytesAsText,
  ours: z.looseObject({ repository: name, version: bytesAsText, since: timestamp }),
}

export const overlayReport = component<OverlayReport>(
  'OverlayReport',
  z.looseObject({
    release: z.string(),
    count: z.looseObject({
      outdated: count,
      passed: count,
      'caught-up': count,
      ahead: count,
      alone: count,
    }),
    shadows: z.array(
      z.looseObject({
        ...overlaid,
        state: z
          .enum(['outdated', 'passed', 'caught-up', 'ahead'])
          .describe(
            "`outdated`: upstream's is newer, yet clients get ours; `passed`: upstream's is newer, and clients get it",
          ),
        upstream: z.looseObject({ repository: name, version: bytesAsText, since: timestamp }),
        caughtUp: timestamp
          .optional()
          .describe('The first snapshot of upstream with a version that is not older than ours'),
      }),
    ),
    alone: z.array(z.looseObject(overlaid)).describe('Those that shadow nothing'),
    notes: z.array(z.string()).describe('What could not be told, and why'),
  }),
)
