/**
 * Machines that become hosts: `trust-enrolments.ts YARD PORT COUNT`, each with a key of its own over a connection of its own, by one
 * token for a group. Keys and requests are made before. Prints JSON.
 */
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { text as textOf } from 'node:stream/consumers'
import { connect, createSecureContext } from 'node:tls'
import { machineDigest, type Name } from '../src/model/index.ts'
import { sealEnvelope, statementSignerOf } from '../src/trust/pure.ts'
import { openYard } from '../src/yard/index.ts'
import { quantile } from './harness/statistics.ts'
import type { LoadFound } from './trust-load.ts'

const [directory, port, count] = process.argv.slice(2) as [string, string, string]
/** Machines that ask at one moment. */
const together = 64

const { token, ca } = await groupToken()
const requests = Array.from({ length: Number(count) }, (_, i) => requestOf(i))
const secureContext = createSecureContext({ ca })

const latencies: number[] = []
const begun = performance.now()
await Promise.all(Array.from({ length: together }, work))
const found: LoadFound = {
  answers: latencies.length,
  seconds: (performance.now() - begun) / 1000,
  p50: quantile(latencies, 0.5),
  p99: quantile(latencies, 0.99),
}
console.log(JSON.stringify(found))

async function groupToken() {
  const open = await openYard(directory, { environment: {} })
  const name = `group-${process.pid}` as Name
  const place = { train: 'web' as Name, channel: 'production' as Name }
  const { file } = await open.yard.createHostToken(name, { ...place, uses: Number(count) })
  await open.close()
  return file
}

function requestOf(number: number): string {
  const signer = statementSignerOf(generateKeyPairSync('ed25519').privateKey)
  const { public: hex } = signer.key
  const boot = '3f5c1c8e-7b0e-4a4c-9d55-0a6b1f0e2d11'
  const asked = { version: 1, token, public: hex, machine: machineDigest(`machine ${number}`, hex), boot }
  const body = JSON.stringify(sealEnvelope('enrolment', asked, [signer]))
  return `POST /hosts/v1/enrol HTTP/1.1\r\nHost: yard\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

async function work(): Promise<void> {
  for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
    const asked = performance.now()
    const socket = connect({ host: '127.0.0.1', port: Number(port), servername: 'localhost', secureContext })
    await once(socket, 'secureConnect')
    socket.setNoDelay().write(request)
    const answer = await textOf(socket)
    latencies.push(performance.now() - asked)
    if (!/^HTTP\/1\.1 200 .*-----BEGIN CERTIFICATE-----/s.test(answer))
      throw new Error(`not the answer that was to come: ${answer.slice(0, 500)}`)
  }
}
