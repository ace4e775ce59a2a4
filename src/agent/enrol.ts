import { existsSync } from 'node:fs'
import { machineDigest, timestampOf, YardError } from '../model/index.ts'
import { type EnrolmentRequest, sealEnvelope } from '../trust/pure.ts'
import { loadSettings, saveIdentity } from './host/agent-files.ts'
import { validityOf } from './host/certificate.ts'
import type { MachineClock } from './host/clock.ts'
import { makeDirectory } from './host/disk.ts'
import { connectTo } from './host/http.ts'
import type { Layout } from './host/layout.ts'
import { takeLock } from './host/lock.ts'
import { readMachineId } from './host/machine.ts'
import { loadKey, makeKey } from './host/own-key.ts'
import { type Identity, parseEnrolmentAnswer, parseEnrolmentFile } from './identity.ts'
import { wake } from './inbox.ts'
import { maximumAnswerBytes } from './renew.ts'
import { askYard } from './yard-client.ts'

/**
 * Makes this machine a host of a yard. The key is made first and kept: when the answer is lost, the same key asks again and is
 * answered for the same host. The host is one once its identity is on the disk.
 * @param text of the enrolment file.
 * @throws YardError `exists` when it is a host already, `configuration` for a bad file, `refused` when the yard says no.
 */
export async function enrol(text: string, layout: Layout, { read }: MachineClock): Promise<Identity> {
  const file = parseEnrolmentFile(text)
  const settings = loadSettings(layout)
  const release = takeLock(layout.lock, 0)
  try {
    if (existsSync(layout.identity))
      throw new YardError('exists', 'this machine is a host already; nothing was changed', {
        hint: 'switchyard-agent status says which; switchyard-agent leave first makes it none',
      })
    const machineId = readMachineId(layout)
    const { signer } = loadKey(layout) ?? makeKey(layout)
    const machine = machineDigest(machineId, signer.key.public)
    const clock = read()
    const request: EnrolmentRequest = {
      version: 1,
      public: signer.key.public,
      machine,
      boot: clock.boot,
      token: file.token,
    }
    const origin = new URL(file.server)
    // Where thousands enrol at once, each waits for its turn.
    const limits = { ...settings.limits, window: settings.limits.place }
    const connection = connectTo(origin, { ca: file.ca }, limits)
    try {
      const body = JSON.stringify(sealEnvelope('enrolment', request, [signer]))
      const question = { path: '/hosts/v1/enrol', method: 'POST' as const, body, maximum: maximumAnswerBytes }
      const answered = await askYard({ origin: origin.origin, connection }, question)
      const answer = parseEnrolmentAnswer(answered ?? '', origin.origin)
      const identity: Identity = {
        ...answer,
        server: origin.origin,
        root: file.root,
        machine,
        enrolled: timestampOf(clock.now),
        validity: validityOf(answer, signer.key.public),
      }
      saveIdentity(layout, identity)
      makeDirectory(layout.inbox)
      wake(layout)
      return identity
    } finally {
      connection.close()
    }
  } finally {
    release()
  }
}
