import { z } from 'zod'
import { liftReport, name, status, why } from '../schemas/index.ts'
import { catalogErrors, mutationErrors, route } from './route.ts'

export const statusRoutes = {
  readStatus: route({
    method: 'GET',
    path: '/status',
    summary: 'Where channels stand, what hosts are told and until when, what needs hands',
    answer: status,
    right: 'any',
    errors: ['unauthenticated', 'forbidden', ...catalogErrors],
  }),
  resume: route({
    method: 'POST',
    path: '/channels/{train}/{channel}/resume',
    summary: 'Lifts the halts that hold the hosts of a channel, or stages that for its people',
    parameters: z.strictObject({ train: name, channel: name }),
    body: z.strictObject({ why }),
    answer: liftReport,
    right: 'promote',
    rights: ({ parameters: { train, channel } }) => [`promote:${train}/${channel}`],
    errors: [...mutationErrors, 'refused', 'configuration'],
  }),
}
