import {
  type Metadata,
  type RoleTrust,
  type RootSigned,
  signersOf,
  type TargetsSigned,
  type TrustedKey,
  trustOf,
} from '../departures/metadata.ts'
import type { SigningRequest, WaitingMetadata } from './request.ts'

/** Whose signatures a role's metadata has, and whose it lacks. */
export interface Signatures {
  role: string
  /** Root asks twice: as many of those who may replace it as of those who may replace the next one. */
  asked: { threshold: number; have: TrustedKey[]; lack: TrustedKey[] }[]
}

/** Of everything that waits. */
export function signaturesOf(request: SigningRequest): Signatures[] {
  return request.waiting.map(({ role, metadata }) => ({
    role,
    asked: trustIn(request, role).map(trust => {
      const signed = new Set(signersOf(metadata, trust.keys))
      return {
        threshold: trust.threshold,
        have: trust.keys.filter(({ keyid }) => signed.has(keyid)),
        lack: trust.keys.filter(({ keyid }) => !signed.has(keyid)),
      }
    }),
  }))
}

/** The roles that this key may sign for. */
export function rolesSignedBy(request: SigningRequest, keyid: string): string[] {
  return request.waiting
    .map(({ role }) => role)
    .filter(role => trustIn(request, role).some(({ keys }) => keys.some(key => key.keyid === keyid)))
}

/** Who may sign a role: nobody where nothing says who. What waits above it speaks for it already, because both come into force together. */
export function trustIn(request: SigningRequest, role: string): RoleTrust[] {
  const inForce = request.root.signed
  const root = (waitingFor(request, 'root')?.signed as RootSigned | undefined) ?? inForce
  if (role === 'root')
    return root === inForce
      ? [rootTrust(inForce, 'root')]
      : [rootTrust(inForce, 'root'), rootTrust(root, 'root')]
  if (role === 'targets') return [rootTrust(root, 'targets')]
  const targets = (waitingFor(request, 'targets') ?? request.targets)?.signed as TargetsSigned | undefined
  const delegated = targets?.delegations?.roles.find(({ name }) => name === role)
  return delegated === undefined ? [] : [trustOf(delegated, targets!.delegations!.keys)]
}

function rootTrust({ roles, keys }: RootSigned, role: 'root' | 'targets'): RoleTrust {
  return trustOf(roles[role], keys)
}

function waitingFor(request: SigningRequest, role: string): Metadata<RootSigned | TargetsSigned> | undefined {
  return request.waiting.find((one: WaitingMetadata) => one.role === role)?.metadata
}
