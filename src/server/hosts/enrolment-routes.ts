import type { FastifyInstance } from 'fastify'
import { maximumEnrolmentBytes } from '../../trust/pure.ts'
import type { OpenYard } from '../../yard/index.ts'
import type { CallerOf } from './caller.ts'

/** How machines become hosts, and hosts get their next certificate: signed envelopes in, JSON out. */
export function addEnrolmentRoutes(
  app: FastifyInstance,
  { hosts }: Pick<OpenYard, 'hosts'>,
  callerOf: CallerOf,
): void {
  const limits = { bodyLimit: maximumEnrolmentBytes }
  app.post('/hosts/v1/enrol', limits, ({ body }) => hosts.enrol(textOf(body)))
  app.post('/hosts/v1/renew', limits, async request =>
    hosts.renew(textOf(request.body), await callerOf(request)),
  )
}

/** A request without a body has none. */
function textOf(body: unknown): string {
  return typeof body === 'string' ? body : ''
}
