import { generateKeyPairSync } from 'node:crypto'
import { machineDigest } from '../../model/index.ts'
import {
  type EnrolmentRequest,
  type RenewalRequest,
  sealEnvelope,
  statementSignerOf,
} from '../../trust/pure.ts'

/** A machine with a key of its own: what it asks, as text and as a value. */
export function createMachine(machineId = 'a'.repeat(32)) {
  const { privateKey } = generateKeyPairSync('ed25519')
  const signer = statementSignerOf(privateKey)
  const machine = {
    privateKey,
    signer,
    publicKey: signer.key.public,
    machine: machineDigest(machineId, signer.key.public),
    boot: bootOf(1),
    enrolment(token: string, changes: Partial<EnrolmentRequest> = {}): EnrolmentRequest {
      const { publicKey, machine: digest, boot } = machine
      return { version: 1, token, public: publicKey, machine: digest, boot, ...changes }
    },
    renewal(
      host: RenewalRequest['host'],
      counter: number,
      changes: Partial<RenewalRequest> = {},
    ): RenewalRequest {
      const { publicKey, machine: digest, boot } = machine
      return { version: 1, host, counter, late: false, public: publicKey, machine: digest, boot, ...changes }
    },
    enrol: (token: string, changes: Partial<EnrolmentRequest> = {}) =>
      JSON.stringify(sealEnvelope('enrolment', machine.enrolment(token, changes), [signer])),
    renew: (host: RenewalRequest['host'], counter: number, changes: Partial<RenewalRequest> = {}) =>
      JSON.stringify(sealEnvelope('renewal', machine.renewal(host, counter, changes), [signer])),
  }
  return machine
}

export type TestMachine = ReturnType<typeof createMachine>

/** As the kernel writes a boot_id. */
export function bootOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}
