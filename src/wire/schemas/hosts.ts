import { z } from 'zod'
import type { HostDetail, HostSummary, HostTokenSummary } from '../../fleet/index.ts'
import { type HostId, hostStates, isHostId, type Labels, reportKinds } from '../../model/index.ts'
import type { EnrolmentFile } from '../../trust/pure.ts'
import { component, count, digest, name, timestamp } from './component.ts'

export const hostId = component<HostId>(
  'HostId',
  z
    .string()
    .refine((text): text is HostId => isHostId(text), "not a host's id")
    .describe('32 hexadecimal digits, drawn at random when the host enrolled'),
)

/** What a label may be is checked by whoever takes it. */
export const labels = component<Labels>('Labels', z.record(z.string().max(200), z.string().max(500)))

export const hostState = z.enum(hostStates)

const namedRelease = z.looseObject({ release: timestamp, digest })

const hostFields = {
  id: hostId,
  state: hostState,
  why: z.string().optional().describe('Of a host that is not enrolled'),
  train: name,
  channel: name,
  labels,
  token: name.describe('By which it enrolled, the last time'),
  enrolled: timestamp,
}

export const hosts = component<{ hosts: HostSummary[] }>(
  'Hosts',
  z.looseObject({ hosts: z.array(z.looseObject(hostFields)) }),
)

export const host = component<HostDetail>(
  'Host',
  z.looseObject({
    ...hostFields,
    rankGroup: z.string(),
    public: z.string().describe('Its Ed25519 key'),
    counter: count.describe('Of its card'),
    certificates: z.array(
      z.looseObject({
        serial: z.string(),
        authority: z.string().describe("Serial number of the CA's certificate"),
        issued: timestamp,
        expires: timestamp,
        revoked: timestamp.optional(),
      }),
    ),
    card: z
      .looseObject({
        hold: z
          .looseObject({ who: z.string(), why: z.string(), until: timestamp.optional() })
          .optional()
          .describe('Why it stands still'),
        entitlements: z.array(z.string()).describe('What it may have beyond its channel'),
        borrowing: z
          .looseObject({ release: namedRelease, who: z.string(), until: timestamp })
          .optional()
          .describe('The release that it tries, and until when'),
      })
      .describe('What its card says beside its labels'),
    said: z
      .looseObject({
        seen: timestamp.describe('When it said so, by the clock of the yard'),
        notes: z.array(z.string()),
        report: z.looseObject({
          version: z.literal(1),
          host: hostId,
          attempt: z.string(),
          counter: count,
          kind: z.enum(reportKinds),
          at: timestamp.describe('By its own clock'),
          boot: z.string(),
          machine: digest,
          release: namedRelease.optional().describe('What it is on'),
          departures: count.optional().describe('Version of the timestamp that it trusts'),
          halt: count.optional().describe('The highest halt that it knows'),
          reason: z.looseObject({ word: z.string(), sentence: z.string() }).optional(),
          facts: z.record(z.string(), z.string()).optional(),
        }),
      })
      .optional()
      .describe('What it reported last'),
  }),
)

export const hostToken = component<HostTokenSummary>(
  'HostToken',
  z.looseObject({
    name,
    train: name,
    channel: name,
    labels,
    host: hostId.optional().describe('The one host that enrols anew by it'),
    uses: count.describe('How many hosts it is good for'),
    used: count,
    created: timestamp,
    by: z.string().describe('Who made it'),
    expires: timestamp,
    revoked: timestamp.optional(),
  }),
)

export const hostTokens = component<{ tokens: HostTokenSummary[] }>(
  'HostTokens',
  z.looseObject({ tokens: z.array(hostToken) }),
)

export const newHostToken = component<{ file: EnrolmentFile; summary: HostTokenSummary }>(
  'NewHostToken',
  z.looseObject({
    file: z
      .looseObject({
        version: z.literal(1),
        server: z.string(),
        ca: z.string().describe('PEM'),
        root: z.looseObject({ sha256: digest, metadata: z.string().describe('Base64 of root.json') }),
        token: z.string().describe('Its text; it is not shown again'),
        places: z.array(z.string()),
      })
      .describe('The file by which a machine becomes a host'),
    summary: hostToken,
  }),
)
