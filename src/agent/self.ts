import { type Digest, machineDigest, YardError } from '../model/index.ts'
import { loadIdentity, loadSettings } from './host/agent-files.ts'
import type { ClockReading, MachineClock } from './host/clock.ts'
import type { Layout } from './host/layout.ts'
import { readMachineId } from './host/machine.ts'
import { loadKey, type OwnKey } from './host/own-key.ts'
import type { Identity } from './identity.ts'
import type { Settings } from './settings.ts'

/** This host in the moment of one check. */
export interface Self {
  layout: Layout
  settings: Settings
  identity: Identity
  key: OwnKey
  /** `machineDigest` of the machine that this is: another one than its identity's is a copy's. */
  machine: Digest
  clock: ClockReading
  isSynchronised: MachineClock['isSynchronised']
}

/** Undefined: this machine is no host. @throws YardError `configuration`, `damaged`, or of the disk. */
export function readSelf(layout: Layout, { read, isSynchronised }: MachineClock): Self | undefined {
  const identity = loadIdentity(layout)
  if (identity === undefined) return undefined
  const settings = loadSettings(layout)
  const key = loadKey(layout)
  if (key === undefined)
    throw new YardError('damaged', `${layout.key} is gone: this host can prove no more who it is`, {
      hint: 'run switchyard-agent leave, and enrol it again with a new token',
    })
  const machine = machineDigest(readMachineId(layout), key.signer.key.public)
  return { layout, settings, identity, key, machine, clock: read(), isSynchronised }
}
