import { readReport } from '../src/fleet/reports/read-report.ts'
import { moveRequest, person, trustOfPeople } from '../src/trust/ceremony/request.fixture.ts'
import { checkContext, makeHalt, meaningsOf, parseRequest, requestText } from '../src/trust/index.ts'
import {
  haltsText,
  openEnrolmentRequest,
  openEnvelope,
  openRenewalRequest,
  readHalts,
  sealEnvelope,
} from '../src/trust/pure.ts'
import { openHalts } from '../src/trust/statements/halts.ts'
import type { FuzzTarget } from './fuzz-targets.ts'

const ada = person('ada')
const online = person('online')
const trust = { keys: [ada.key], threshold: 1, object: 'fuzzed' }
const order = { scope: ['web/production'], who: 'ada', why: 'disks fill up' }

const report = {
  version: 1,
  host: 'a'.repeat(32),
  attempt: '20261121T070000Z',
  counter: 1795503600,
  kind: 'alive',
  at: '20261121T120000Z',
  boot: '3f5c1c8e-7b0e-4a4c-9d55-0a6b1f0e2d11',
  machine: '1'.repeat(64),
  release: { release: '20261120T070000Z', digest: 'c'.repeat(64) },
  departures: 1795503600,
  reason: { word: 'waiting', sentence: 'not granted yet' },
  facts: { architecture: 'amd64' },
}

const machine = { version: 1, public: ada.key.public, machine: report.machine, boot: report.boot }

/** Files that people and hosts get from anywhere, and that say who signed them; what hosts say. */
export const statementTargets: FuzzTarget[] = [
  {
    name: 'openHalts',
    seeds: () => [Buffer.from(haltsText([makeHalt(order, 0, ada, Date.now()).envelope]))],
    read: bytes => {
      const text = bytes.toString()
      readHalts(text)
      openHalts(text, trust)
    },
  },
  {
    name: 'parseRequest',
    seeds: () => [
      Buffer.from(requestText(moveRequest(trustOfPeople(1, ada), trustOfPeople(1, online), [ada]))),
    ],
    read: bytes => {
      const request = parseRequest(bytes.toString(), 'fuzzed')
      checkContext(request, undefined)
      meaningsOf(request)
    },
  },
  {
    name: 'openEnvelope',
    seeds: () => [Buffer.from(JSON.stringify(sealEnvelope('report', report, [ada])))],
    read: bytes => readReport(openEnvelope('report', bytes.toString(), trust)),
  },
  {
    name: 'readReport',
    seeds: () => [Buffer.from(JSON.stringify(report))],
    read: bytes => readReport(jsonIn(bytes)),
  },
  {
    name: 'openEnrolmentRequest',
    seeds: () => [Buffer.from(JSON.stringify({ ...machine, token: 'swyh_web_x' }))],
    read: bytes => openEnrolmentRequest(signedRequest('enrolment', bytes)),
  },
  {
    name: 'openRenewalRequest',
    seeds: () => [
      Buffer.from(JSON.stringify({ ...machine, host: report.host, counter: report.counter, late: false })),
    ],
    read: bytes => openRenewalRequest(signedRequest('renewal', bytes)),
  },
]

/** A request of whatever the bytes say, with a good signature of it. */
function signedRequest(kind: 'enrolment' | 'renewal', bytes: Buffer): string {
  const payload = Buffer.from(bytes.toString())
  const { payloadType } = sealEnvelope(kind, {}, [])
  const lengths = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `
  const signed = Buffer.concat([Buffer.from(lengths), payload])
  const signatures = [{ keyid: ada.key.keyid, sig: ada.sign(signed).toString('base64') }]
  return JSON.stringify({ payloadType, payload: payload.toString('base64'), signatures })
}

/** What is no JSON does not come out of an envelope. */
function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
