import { type Digest, isYardError, messageOf, YardError } from '../model/index.ts'
import { type RenewalRequest, type StatementSigner, sealEnvelope } from '../trust/pure.ts'
import { saveIdentity, saveMemory } from './host/agent-files.ts'
import { validityOf } from './host/certificate.ts'
import type { ClockReading } from './host/clock.ts'
import type { Layout } from './host/layout.ts'
import { type Identity, parseEnrolmentAnswer } from './identity.ts'
import { type Memory, nextCounter } from './memory.ts'
import type { YardServer } from './places/place.ts'
import { askYard } from './yard-client.ts'

/** Two thirds through its life: after 60 of 90 days. */
export function isRenewalDue({ validity: { from, to } }: Identity, now: number): boolean {
  return now >= from + ((to - from) * 2) / 3
}

export interface Renewal {
  identity: Identity
  machine: Digest
  memory: Memory
  clock: ClockReading
  layout: Layout
  server: YardServer
  signer: StatementSigner
  /** No fresh statement can be had: an expired certificate is renewed all the same, for a while. */
  late: boolean
}

/** Asks for a new certificate; without one the old one stays, and the next check asks again. */
export async function renew({
  identity,
  machine,
  memory,
  clock,
  layout,
  server,
  signer,
  late,
}: Renewal): Promise<Memory> {
  const { renewal: _, ...rest } = memory
  const counter = nextCounter(memory, clock.now)
  const counted: Memory = { ...rest, counter }
  saveMemory(layout, counted)
  const request: RenewalRequest = {
    version: 1,
    host: identity.host,
    public: signer.key.public,
    machine,
    boot: clock.boot,
    counter,
    late,
  }
  try {
    const body = JSON.stringify(sealEnvelope('renewal', request, [signer]))
    const text = await askYard(server, {
      path: '/hosts/v1/renew',
      method: 'POST',
      body,
      maximum: maximumAnswerBytes,
    })
    const answer = parseEnrolmentAnswer(text ?? '', server.origin)
    if (answer.host !== identity.host)
      throw new YardError('invalid', `${server.origin} answers for host ${answer.host}, not for this one`)
    saveIdentity(layout, {
      ...identity,
      ...answer,
      validity: validityOf(answer.certificate, signer.key.public),
    })
    return counted
  } catch (error) {
    if (!isYardError(error, 'unavailable', 'refused', 'invalid')) throw error
    const refused: Memory = { ...counted, renewal: messageOf(error) }
    saveMemory(layout, refused)
    return refused
  }
}

export const maximumAnswerBytes = 256 * 1024
