import { z } from 'zod'
import type { Right, RightName } from '../../model/index.ts'
import {
  approveReport,
  hold,
  holdReport,
  holds,
  keptEvidence,
  name,
  reference,
  timestamp,
  verdicts,
  verdictText,
  why,
} from '../schemas/index.ts'
import { catalogErrors, mutationErrors, route } from './route.ts'

const release = z.strictObject({ release: reference })

const pattern = z.string().min(1).max(512).describe('Name of a package or a source package, or a glob')

const tokenErrors = ['unauthenticated', 'forbidden'] as const

function scoped(right: RightName, train: string, channel: string | undefined): Right {
  return `${right}:${train}${channel === undefined ? '' : `/${channel}`}`
}

const trainOf = (text: string) => text.split('@')[0]!

export const judgingRoutes = {
  gate: route({
    method: 'POST',
    path: '/releases/{release}/gate',
    summary: 'Has a release judged by the gates of its channels, and keeps the evidence; nothing is moved',
    parameters: release,
    body: z.strictObject({
      channel: name.optional().describe('For this one; default: for every channel of the train'),
      anew: z.boolean().optional().describe('Also by gates whose evidence still counts'),
    }),
    answer: verdicts,
    right: 'release',
    rights: ({ parameters: { release } }) => [`release:${trainOf(release)}`],
    isLong: true,
    errors: [...mutationErrors, 'cancelled'],
  }),
  listEvidence: route({
    method: 'GET',
    path: '/releases/{release}/evidence',
    summary: 'The evidence that is kept on a release',
    parameters: release,
    query: z.strictObject({ channel: name.optional() }),
    answer: keptEvidence,
    right: 'any',
    errors: ['usage', 'not-found', ...tokenErrors, ...catalogErrors],
  }),
  readVerdict: route({
    method: 'GET',
    path: '/releases/{release}/evidence/{channel}/{gate}',
    summary: 'What one gate of a channel said, found and wrote about a release, as text',
    parameters: z.strictObject({
      release: reference,
      channel: name,
      gate: z.string().min(1).max(100).describe('Its label: `closure`, `command-2`'),
    }),
    answer: verdictText,
    right: 'any',
    errors: ['usage', 'not-found', ...tokenErrors, ...catalogErrors],
  }),
  approve: route({
    method: 'POST',
    path: '/releases/{release}/approvals',
    summary: "Keeps the word of the token's name that a release may enter a channel, or every one",
    parameters: release,
    body: z.strictObject({ channel: name.optional(), why }),
    answer: approveReport,
    right: 'approve',
    rights: ({ parameters: { release }, body: { channel } }) => [
      scoped('approve', trainOf(release), channel),
    ],
    errors: [...mutationErrors, 'refused'],
  }),
  listHolds: route({
    method: 'GET',
    path: '/holds',
    summary: 'Packages that are kept at their version, those whose time is over too',
    query: z.strictObject({ train: name.optional() }),
    answer: holds,
    errors: ['usage', 'not-found', 'damaged'],
  }),
  hold: route({
    method: 'POST',
    path: '/holds',
    summary: 'Keeps a package, or what a glob names, at its version',
    body: z.strictObject({
      train: name,
      channel: name.optional().describe('Absent: in the releases that are cut'),
      package: pattern,
      until: timestamp.describe('The last second in which it holds'),
      why: z.string().min(1).max(2000),
    }),
    answer: holdReport,
    right: 'hold',
    rights: ({ body: { train, channel } }) => [scoped('hold', train, channel)],
    errors: mutationErrors,
  }),
  unhold: route({
    method: 'DELETE',
    path: '/holds',
    summary: 'Takes a hold back',
    query: z.strictObject({ train: name, channel: name.optional(), package: pattern, why }),
    answer: hold,
    right: 'hold',
    rights: ({ query: { train, channel } }) => [scoped('hold', train, channel)],
    errors: mutationErrors,
  }),
}
