import { z } from 'zod'
import { applyReport, lockReport, plan, why } from '../schemas/index.ts'
import { mutationErrors, route } from './route.ts'

const text = z.string().max(512 * 1024)

const files = z
  .strictObject({
    directory: z.string().max(4096).describe('What to call it in messages'),
    configuration: text.describe('switchyard.yaml'),
    lock: text.nullable().describe('switchyard.lock.yaml; null: there is none'),
  })
  .optional()
  .describe('Files that are proposed instead of those of the yard')

export const planRoutes = {
  plan: route({
    method: 'POST',
    path: '/plan',
    summary: 'What differs between switchyard.yaml, switchyard.lock.yaml and the yard; changes nothing',
    body: z.strictObject({ files }),
    answer: plan,
    right: 'any',
    errors: ['usage', 'configuration', 'unauthenticated', 'forbidden', 'damaged'],
  }),
  apply: route({
    method: 'POST',
    path: '/apply',
    summary:
      'Makes real what switchyard.lock.yaml says: cuts its releases, moves the channels past their gates',
    body: z.strictObject({
      files,
      override: z.array(z.string().max(100)).max(100).optional().describe('Gates to go past; needs `why`'),
      why,
    }),
    answer: applyReport,
    right: 'admin',
    isLong: true,
    errors: [...mutationErrors, 'configuration', 'refused'],
  }),
  lock: route({
    method: 'POST',
    path: '/lock',
    summary: 'Writes into switchyard.lock.yaml where every channel stands',
    answer: lockReport,
    right: 'admin',
    errors: [...mutationErrors, 'configuration'],
  }),
}
