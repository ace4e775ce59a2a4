import { z } from 'zod'
import type { Name, Right } from '../../model/index.ts'
import {
  host,
  hostId,
  hostState,
  hosts,
  hostToken,
  hostTokens,
  labels,
  name,
  newHostToken,
  timestamp,
  why,
} from '../schemas/index.ts'
import { catalogErrors, mutationErrors, route } from './route.ts'

const one = z.strictObject({ id: hostId })
const reason = z
  .string()
  .min(1)
  .max(2000)
  .describe('The reason, for whoever looks at the host and the audit log')
const readErrors = ['usage', 'unauthenticated', 'forbidden', ...catalogErrors] as const

export const hostRoutes = {
  listHosts: route({
    method: 'GET',
    path: '/hosts',
    summary: 'Hosts, by id',
    query: z.strictObject({
      train: name.optional(),
      channel: name.optional(),
      state: hostState.optional(),
      labels: z
        .string()
        .max(4096)
        .optional()
        .describe('JSON: an object of labels, every one of which they have'),
      after: hostId.optional().describe('Only ids behind this one'),
      limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
    }),
    answer: hosts,
    right: 'host',
    rights: ({ query: { train, channel } }) => [scoped(train, channel)],
    errors: readErrors,
  }),
  showHost: route({
    method: 'GET',
    path: '/hosts/{id}',
    summary: 'One host, with its certificates',
    parameters: one,
    answer: host,
    right: 'host',
    rights: () => ['host'],
    errors: [...readErrors, 'not-found'],
  }),
  revokeHost: route({
    method: 'POST',
    path: '/hosts/{id}/revoke',
    summary: 'Lets a machine be a host no more, for good',
    parameters: one,
    body: z.strictObject({ why: reason }),
    answer: host,
    right: 'host',
    rights: () => ['host'],
    errors: mutationErrors,
  }),
  labelHost: route({
    method: 'POST',
    path: '/hosts/{id}/labels',
    summary: 'Sets labels of a host, and takes away those that are null',
    parameters: one,
    body: z.strictObject({
      labels: z.record(z.string().max(200), z.string().max(500).nullable()),
      why,
    }),
    answer: host,
    right: 'host',
    rights: () => ['host'],
    errors: [...mutationErrors, 'refused'],
  }),
  changeHostCard: route({
    method: 'POST',
    path: '/hosts/{id}/card',
    summary:
      "Changes what a host's card says beside its labels: a hold, a release that it borrows, entitlements",
    parameters: one,
    body: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('hold'), until: timestamp.optional(), why: reason }),
      z.strictObject({ kind: z.literal('unhold'), why }),
      z.strictObject({ kind: z.literal('borrow'), release: timestamp, until: timestamp, why: reason }),
      z.strictObject({ kind: z.literal('return'), why }),
      z.strictObject({ kind: z.literal('entitle'), entitlements: z.array(name).max(8), why }),
    ]),
    answer: host,
    right: 'host',
    rights: () => ['host'],
    errors: [...mutationErrors, 'refused'],
  }),
  moveHost: route({
    method: 'POST',
    path: '/hosts/{id}/move',
    summary: 'Lets a host belong to another channel from now on',
    parameters: one,
    body: z.strictObject({ train: name, channel: name, why }),
    answer: host,
    right: 'host',
    rights: () => ['host'],
    errors: [...mutationErrors, 'refused'],
  }),
  quarantineHost: route({
    method: 'POST',
    path: '/hosts/{id}/quarantine',
    summary: 'Tells a host nothing new until that is lifted',
    parameters: one,
    body: z.strictObject({ why: reason }),
    answer: host,
    right: 'host',
    rights: () => ['host'],
    errors: [...mutationErrors, 'refused'],
  }),
  liftQuarantine: route({
    method: 'DELETE',
    path: '/hosts/{id}/quarantine',
    summary: 'Lets a quarantined host be one like the others again',
    parameters: one,
    query: z.strictObject({ why }),
    answer: host,
    right: 'host',
    rights: () => ['host'],
    errors: [...mutationErrors, 'refused'],
  }),
  listHostTokens: route({
    method: 'GET',
    path: '/host-tokens',
    summary: 'Every token by which machines become hosts that was ever made',
    answer: hostTokens,
    right: 'host',
    errors: readErrors,
  }),
  createHostToken: route({
    method: 'POST',
    path: '/host-tokens',
    summary:
      "Makes a token, and the file by which a machine becomes a host; the token's text is in the answer and nowhere else",
    body: z.strictObject({
      name,
      train: name.optional().describe('Where new hosts belong'),
      channel: name.optional(),
      labels: labels.optional().describe('Of the hosts that enrol by it'),
      host: hostId.optional().describe('The one host that enrols anew by it, with another key'),
      uses: z.int().min(1).optional().describe('How many hosts it is good for; default: one'),
      expiresAt: z.int().nonnegative().optional().describe('Milliseconds since the epoch; default: in a day'),
      why,
    }),
    answer: newHostToken,
    right: 'host',
    rights: ({ body: { train, channel, host } }) => [host === undefined ? scoped(train, channel) : 'host'],
    errors: [...mutationErrors, 'exists', 'configuration', 'refused'],
  }),
  revokeHostToken: route({
    method: 'DELETE',
    path: '/host-tokens/{name}',
    summary: 'Lets nobody enrol by a token from now on',
    parameters: z.strictObject({ name }),
    query: z.strictObject({ why }),
    answer: hostToken,
    right: 'host',
    rights: () => ['host'],
    errors: mutationErrors,
  }),
}

function scoped(train: Name | undefined, channel: Name | undefined): Right {
  if (train === undefined) return 'host'
  return channel === undefined ? `host:${train}` : `host:${train}/${channel}`
}
