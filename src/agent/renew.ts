import { isYardError, messageOf, YardError } from '../model/index.ts'
import { type RenewalRequest, sealEnvelope } from '../trust/pure.ts'
import { saveIdentity, saveMemory } from './host/agent-files.ts'
import { validityOf } from './host/certificate.ts'
import { type Identity, parseEnrolmentAnswer } from './identity.ts'
import { type Memory, nextCounter } from './memory.ts'
import type { Self } from './self.ts'
import { askYard, connectToYard } from './yard-client.ts'

/** Two thirds through its life: after 60 of 90 days. */
export function isRenewalDue({ validity: { from, to } }: Identity, now: number): boolean {
  return now >= from + ((to - from) * 2) / 3
}

/**
 * Asks for a new certificate; without one the old one stays, and the next check asks again.
 * @param late the host had no fresh statements: an expired certificate is renewed all the same, for a while.
 */
export async function renew(
  { layout, settings, identity, key, machine, clock }: Self,
  memory: Memory,
  late: boolean,
): Promise<{ identity: Identity; memory: Memory }> {
  const { renewal: _, ...rest } = memory
  const counted: Memory = { ...rest, counter: nextCounter(memory, clock.now) }
  saveMemory(layout, counted)
  const request: RenewalRequest = {
    version: 1,
    host: identity.host,
    public: key.signer.key.public,
    machine,
    boot: clock.boot,
    counter: counted.counter,
    late,
  }
  const server = connectToYard(identity, key.pem, settings.limits)
  try {
    const body = JSON.stringify(sealEnvelope('renewal', request, [key.signer]))
    const question = { path: '/hosts/v1/renew', method: 'POST' as const, body, maximum: maximumAnswerBytes }
    const answer = parseEnrolmentAnswer((await askYard(server, question)) ?? '', server.origin)
    if (answer.host !== identity.host)
      throw new YardError('invalid', `${server.origin} answers for host ${answer.host}, not for this one`)
    const validity = validityOf(answer, key.signer.key.public)
    const renewed = { ...identity, ...answer, validity }
    saveIdentity(layout, renewed)
    return { identity: renewed, memory: counted }
  } catch (error) {
    if (!isYardError(error, 'unavailable', 'refused', 'invalid')) throw error
    return { identity, memory: { ...counted, renewal: messageOf(error) } }
  } finally {
    server.connection.close()
  }
}

export const maximumAnswerBytes = 256 * 1024
