import { z } from 'zod'
import { comparison, overlayReport, reference, sourcesComparison } from '../schemas/index.ts'
import { catalogErrors, flag, route } from './route.ts'

/** Comparisons of any references: snapshots, releases and channels (`TRAIN/CHANNEL`). */
export const comparisonRoutes = {
  compare: route({
    method: 'GET',
    path: '/compare',
    summary: 'What differs between two snapshots, releases or channels, repository by repository and in sum',
    query: z.strictObject({
      from: reference,
      to: reference,
      files: flag.describe('The files that differ, too'),
      changelogs: flag.describe('What changelogs say between the two versions, too'),
    }),
    answer: comparison,
    errors: ['usage', 'not-found', 'damaged'],
  }),
  compareSources: route({
    method: 'GET',
    path: '/compare/sources',
    summary: 'By source package what hosts would get that moved from one reference to another',
    query: z.strictObject({ from: reference, to: reference }),
    answer: sourcesComparison,
    errors: ['usage', 'not-found', 'damaged'],
  }),
  overlay: route({
    method: 'GET',
    path: '/overlay',
    summary: "Packages of ours that shadow upstream's in a release, and whether they still need to",
    query: z.strictObject({ reference: reference.describe('TRAIN for its newest release') }),
    answer: overlayReport,
    errors: ['usage', 'not-found', ...catalogErrors],
  }),
}
