import { z } from 'zod'
import type { Hold } from '../../model/index.ts'
import type { Yard } from '../../yard/index.ts'
import { component, count, digest, name, timestamp } from './component.ts'
import { snapshotDiff } from './diff.ts'
import { release } from './trains.ts'

const evidence = component(
  'Evidence',
  z.looseObject({
    version: z.literal(1),
    train: name,
    release: timestamp,
    channel: name,
    gate: z.string(),
    turn: count.describe('Which one of several of that name'),
    passed: z.boolean(),
    summary: z.string(),
    findings: z.array(z.string()).describe('The first ones'),
    findingCount: count,
    remedy: z.string().optional().describe('What would make it pass'),
    begun: timestamp,
    milliseconds: z.number(),
    who: z.string(),
  }),
)

export const verdicts = component<{ judged: Awaited<ReturnType<Yard['gate']>> }>(
  'Verdicts',
  z.looseObject({
    judged: z.array(
      z.looseObject({
        train: name,
        release: timestamp,
        channel: name,
        against: timestamp.optional().describe('Where the channel stood'),
        verdicts: z.array(
          z.looseObject({
            label: z.string(),
            evidence,
            from: z
              .enum(['now', 'kept'])
              .describe('`kept`: found before, and nothing it rests on has changed'),
          }),
        ),
      }),
    ),
  }),
)

export const keptEvidence = component<{ kept: Awaited<ReturnType<Yard['evidence']>> }>(
  'KeptEvidence',
  z.looseObject({
    kept: z.array(
      z.looseObject({
        label: z.string(),
        evidence: evidence.optional(),
        channel: name.optional(),
        problem: z.string().optional().describe('Why it says nothing any more'),
      }),
    ),
  }),
)

export const verdictText = component<{ text: string }>('VerdictText', z.looseObject({ text: z.string() }))

export const approveReport = component<Awaited<ReturnType<Yard['approve']>>>(
  'ApproveReport',
  z.looseObject({
    outcome: z.enum(['approved', 'unchanged']),
    approval: z.looseObject({
      train: name,
      release: timestamp,
      content: digest.describe("Of the release's canonical JSON"),
      channel: name.optional().describe('Absent: every channel'),
      who: z.string(),
      at: timestamp,
      why: z.string().optional(),
    }),
  }),
)

const holdFields = {
  package: z.string().describe('Name of a package or a source package, or a glob'),
  channel: name.optional().describe('Absent: in the releases that are cut'),
  who: z.string(),
  why: z.string(),
  since: timestamp,
  until: timestamp.describe('The last second in which it holds'),
}

export const hold = component<Hold>('Hold', z.looseObject(holdFields))

export const holdReport = component<Awaited<ReturnType<Yard['hold']>>>(
  'HoldReport',
  z.looseObject({ hold, notes: z.array(z.string()) }),
)

export const holds = component<{ holds: Awaited<ReturnType<Yard['holds']>> }>(
  'Holds',
  z.looseObject({
    holds: z.array(z.looseObject({ ...holdFields, train: name, expired: z.boolean() })),
  }),
)

export const bumpReport = component<Awaited<ReturnType<Yard['bump']>>>(
  'BumpReport',
  z.looseObject({
    outcome: z.enum(['created', 'unchanged']),
    release,
    from: release.describe('The release that it changes'),
    channel: name,
    packages: z.array(
      z.looseObject({
        repository: name,
        name: z.string(),
        before: z.string().optional(),
        after: z.string().optional(),
        asked: z.boolean().describe('False: dependencies force it to come along'),
      }),
    ),
    diffs: z.array(z.looseObject({ repository: name, diff: snapshotDiff })),
    notes: z.array(z.string()),
  }),
)
