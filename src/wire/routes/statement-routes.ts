import { z } from 'zod'
import { ceremonyReport, signingRequest, statements, why, withdrawn } from '../schemas/index.ts'
import { catalogErrors, mutationErrors, route } from './route.ts'

const readErrors = ['unauthenticated', 'forbidden', ...catalogErrors] as const

export const statementRoutes = {
  readStatements: route({
    method: 'GET',
    path: '/statements',
    summary: 'Who signs what hosts act on, how long it is good, and what waits for signatures',
    answer: statements,
    right: 'any',
    errors: readErrors,
  }),
  requestSignatures: route({
    method: 'GET',
    path: '/statements/request',
    summary: "All that waits for people's signatures, to be signed by `switchyard sign`",
    answer: signingRequest,
    right: 'any',
    errors: readErrors,
  }),
  withdrawStaged: route({
    method: 'DELETE',
    path: '/statements/staged/{change}',
    summary: 'Forgets a change that waits for signatures',
    parameters: z.strictObject({ change: z.coerce.number().int().min(1) }),
    query: z.strictObject({ why }),
    answer: withdrawn,
    right: 'promote',
    errors: mutationErrors,
  }),
  submitSignatures: route({
    method: 'POST',
    path: '/statements/signatures',
    summary: 'Takes in what people signed: a request, or halts; their keys say what it may do, not the token',
    body: z.strictObject({
      text: z
        .string()
        .max(1024 * 1024)
        .describe('What `switchyard sign` or `switchyard stop` wrote'),
      why,
    }),
    answer: ceremonyReport,
    right: 'any',
    errors: [...mutationErrors, 'invalid', 'untrusted', 'configuration'],
  }),
}
