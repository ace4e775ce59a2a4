import type { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import { YardError } from '../../model/index.ts'
import {
  type Authority,
  type CertificateJudgement,
  type CertifiedHost,
  judgeCertificate,
} from '../../trust/index.ts'

/** A connection's certificate is judged again after so many milliseconds. */
const goodFor = 600_000

/** Tells who asks, by the certificate of the connection. */
export type CallerOf = (request: FastifyRequest) => Promise<CertifiedHost>

/**
 * Who asks, by the certificate of the connection; whether that is a host still is not known by it. `late`: it may have expired
 * up to 30 days ago.
 * @throws YardError `unauthenticated` when there is none, or it is not a host's by the yard's CAs.
 */
export function createCallerOf(
  authorities: () => Promise<readonly Authority[]>,
  now: () => number,
): CallerOf {
  const judged = new WeakMap<TLSSocket, { at: number; judgement: CertificateJudgement }>()
  return async request => {
    const socket = request.raw.socket as TLSSocket
    const known = judged.get(socket)
    const at = now()
    const judgement =
      known !== undefined && Math.abs(at - known.at) < goodFor
        ? known.judgement
        : judge(socket, await authorities(), at)
    judged.set(socket, { at, judgement })
    if (judgement.kind === 'host') return judgement.caller
    throw new YardError(
      'unauthenticated',
      `the certificate that came is no host's: ${judgement.why}; nothing was changed`,
      {
        hint: 'a machine becomes a host by `switchyard-agent enroll FILE`, with a file of `switchyard host token create`',
      },
    )
  }
}

function judge(socket: TLSSocket, authorities: readonly Authority[], now: number): CertificateJudgement {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return { kind: 'refused', why: 'there is none' }
  return judgeCertificate(certificate, authorities, now)
}
