import { signersOf, type TrustedKey } from '../departures/metadata.ts'
import type { SigningRequest } from './request.ts'

/** Whose signatures a role's metadata has, and whose it lacks. */
export interface Signatures {
  role: string
  /** Root asks twice: as many of those who may replace it as of those who may replace the next one. */
  asked: { threshold: number; have: TrustedKey[]; lack: TrustedKey[] }[]
}

/** Of everything that waits. */
export function signaturesOf(request: SigningRequest): Signatures[] {
  return request.waiting.map(({ role, metadata, needs }) => ({
    role,
    asked: needs.map(({ keys, threshold }) => {
      const signed = new Set(signersOf(metadata, keys))
      return {
        threshold,
        have: keys.filter(({ keyid }) => signed.has(keyid)),
        lack: keys.filter(({ keyid }) => !signed.has(keyid)),
      }
    }),
  }))
}

/** The roles that this key may sign for. */
export function rolesSignedBy(request: SigningRequest, keyid: string): string[] {
  return request.waiting
    .filter(({ needs }) => needs.some(({ keys }) => keys.some(key => key.keyid === keyid)))
    .map(({ role }) => role)
}
