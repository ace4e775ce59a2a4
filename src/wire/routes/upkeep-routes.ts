import { z } from 'zod'
import {
  auditEntries,
  fsckReport,
  gcReport,
  logReport,
  name,
  newToken,
  right,
  timestamp,
  token,
  tokens,
  why,
} from '../schemas/index.ts'
import { catalogErrors, mutationErrors, route } from './route.ts'

const tokenErrors = ['unauthenticated', 'forbidden'] as const

export const upkeepRoutes = {
  collectGarbage: route({
    method: 'POST',
    path: '/gc',
    summary: 'Frees the space of what no snapshot names any more',
    body: z.strictObject({ dryRun: z.boolean().optional().describe('Only say what would go'), why }),
    answer: gcReport,
    right: 'admin',
    isLong: true,
    errors: mutationErrors,
  }),
  fsck: route({
    method: 'POST',
    path: '/fsck',
    summary: 'Proves every byte: reads all blobs, trees and refs again, and names what is damaged',
    body: z.strictObject({
      repair: z.boolean().optional().describe('Fetch or rebuild what is damaged'),
      why,
    }),
    answer: fsckReport,
    right: 'admin',
    isLong: true,
    errors: [...mutationErrors, 'cancelled'],
  }),
  readLog: route({
    method: 'GET',
    path: '/log',
    summary: 'The audit log: who changed what, when, and why; newest first',
    query: z.strictObject({
      before: z.coerce.number().int().min(1).optional().describe('Only entries with a smaller number'),
      since: timestamp.optional().describe('None that is older'),
      limit: z.coerce.number().int().min(1).max(10_000).default(100),
    }),
    answer: auditEntries,
    right: 'any',
    errors: ['usage', ...tokenErrors, ...catalogErrors],
  }),
  verifyLog: route({
    method: 'GET',
    path: '/log/verification',
    summary: 'Computes the whole chain of the audit log again',
    answer: logReport,
    right: 'any',
    errors: [...tokenErrors, ...catalogErrors],
  }),
  listTokens: route({
    method: 'GET',
    path: '/tokens',
    summary: 'Every token that was ever made',
    answer: tokens,
    right: 'token',
    errors: [...tokenErrors, 'damaged'],
  }),
  createToken: route({
    method: 'POST',
    path: '/tokens',
    summary: 'Makes a token, with rights of the asking one; its text is in the answer and nowhere else',
    body: z.strictObject({
      name,
      rights: z.array(right).min(1).max(100),
      expiresAt: z.int().nonnegative().optional().describe('Milliseconds since the epoch'),
      why,
    }),
    answer: newToken,
    right: 'token',
    rights: ({ body: { rights } }) => rights,
    errors: [...mutationErrors, 'exists'],
  }),
  revokeToken: route({
    method: 'DELETE',
    path: '/tokens/{name}',
    summary: 'Lets a token be worth nothing from now on',
    parameters: z.strictObject({ name }),
    query: z.strictObject({ why }),
    answer: token,
    right: 'token',
    errors: mutationErrors,
  }),
}
