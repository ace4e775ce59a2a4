import { z } from 'zod'
import {
  bumpReport,
  cutReport,
  moveReport,
  name,
  reference,
  releases,
  timestamp,
  trains,
  why,
} from '../schemas/index.ts'
import { catalogErrors, mutationErrors, route } from './route.ts'

const channel = z.strictObject({ train: name, channel: name })

const expected = timestamp
  .optional()
  .describe('Where the channel is believed to stand; another place is an error')

/** Of gates. */
const labels = z.array(z.string().min(1).max(100)).max(100).optional()

export const trainRoutes = {
  listTrains: route({
    method: 'GET',
    path: '/trains',
    summary: 'The trains, each with where its channels stand and how they came there',
    query: z.strictObject({ train: name.optional().describe('Only this one') }),
    answer: trains,
    errors: ['usage', 'not-found', 'damaged'],
  }),
  listReleases: route({
    method: 'GET',
    path: '/releases',
    summary: 'The releases, by train, oldest first, each with the channels that are at it',
    query: z.strictObject({ train: name.optional().describe('Of this one alone') }),
    answer: releases,
    errors: ['usage', 'not-found', ...catalogErrors],
  }),
  cutRelease: route({
    method: 'POST',
    path: '/trains/{train}/releases',
    summary: 'Cuts a release of a train from the newest snapshots, or named ones',
    parameters: z.strictObject({ train: name }),
    body: z.strictObject({
      snapshots: z
        .array(reference)
        .max(1000)
        .optional()
        .describe('REPO@T for repositories that shall not travel with their newest one'),
      allowIncomplete: z.boolean().optional().describe('Though files of some snapshot are not here'),
      keep: name.optional().describe('A channel: what is held in it is in the release as it is there'),
      why,
    }),
    answer: cutReport,
    right: 'release',
    rights: ({ parameters: { train } }) => [`release:${train}`],
    isLong: true,
    errors: [...mutationErrors, 'exists', 'incomplete'],
  }),
  bump: route({
    method: 'POST',
    path: '/trains/{train}/bumps',
    summary: "Cuts a channel's current release anew but for some packages, taken from the newest snapshots",
    parameters: z.strictObject({ train: name }),
    body: z.strictObject({
      packages: z
        .array(z.string().min(1).max(512))
        .min(1)
        .max(1000)
        .describe('Names of packages or source packages, or globs'),
      channel: name.optional().describe('Default: the channel that the train declares last'),
      why,
    }),
    answer: bumpReport,
    right: 'release',
    rights: ({ parameters: { train } }) => [`release:${train}`],
    isLong: true,
    errors: [...mutationErrors, 'refused', 'exists', 'incomplete', 'cancelled'],
  }),
  promote: route({
    method: 'POST',
    path: '/channels/{train}/{channel}/promote',
    summary: 'Moves a channel to a release that passes its gates, all its repositories at once',
    parameters: channel,
    body: z.strictObject({
      release: reference.optional().describe('TRAIN@T; default: the newest'),
      expected,
      override: labels.describe('Gates past which it goes though they refuse; needs `why`'),
      allowIdentityChange: z
        .boolean()
        .optional()
        .describe('Though apt will refuse what changed its Origin, Label, Suite or Codename'),
      floor: reference
        .optional()
        .describe('TRAIN@T: the security floor of its hosts from now on, below which none goes again'),
      why,
    }),
    answer: moveReport,
    right: 'promote',
    rights: ({ parameters: { train, channel }, body: { override } }) => [
      `promote:${train}/${channel}`,
      ...(override === undefined || override.length === 0 ? [] : [`override:${train}/${channel}` as const]),
    ],
    isLong: true,
    errors: [...mutationErrors, 'refused', 'incomplete', 'cancelled'],
  }),
  rollback: route({
    method: 'POST',
    path: '/channels/{train}/{channel}/rollback',
    summary: 'Moves a channel back to the release before in its line of promotions, or to another one of it',
    parameters: channel,
    body: z.strictObject({
      to: reference.optional().describe('TRAIN@T, of the line of the channel'),
      expected,
      why,
    }),
    answer: moveReport,
    right: 'rollback',
    rights: ({ parameters: { train, channel } }) => [`rollback:${train}/${channel}`],
    isLong: true,
    errors: [...mutationErrors, 'refused'],
  }),
}
