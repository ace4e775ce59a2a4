/**
 * Hosts at a yard's door: `trust-load.ts FILE PORT PID WHAT EACH FIRST`, with FILE of `trust-fleet.ts` and PID of the server. Each host asks EACH times over a
 * connection that its certificate proves: `kept` reports over one that stays, `fresh` reports over a new one each time, `cards` gets
 * its card over one that stays. Reports are signed before, and numbered from FIRST. Prints JSON.
 */
import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { type HostId, type HostReport, timestampOf } from '../src/model/index.ts'
import { sealEnvelope, statementSignerOf } from '../src/trust/pure.ts'
import { cpuSecondsOf } from './harness/load.ts'
import { quantile } from './harness/statistics.ts'
import type { Fleet } from './trust-fleet.ts'

/** What was measured; latencies in milliseconds. */
export interface LoadFound {
  answers: number
  seconds: number
  p50: number
  p99: number
}

export interface ServerLoad extends LoadFound {
  /** That the server used. */
  cpuSeconds: number
}

const [file, port, pid, what, each, first] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
]
const cardRequest = 'GET /hosts/v1/card HTTP/1.1\r\nHost: yard\r\n\r\n'
/** Hosts that ask at one moment. */
const together = what === 'fresh' ? 32 : 256
const fleet = JSON.parse(readFileSync(file, 'utf8')) as Fleet
const hosts = fleet.hosts.map(host => ({
  context: createSecureContext({ ca: fleet.ca, cert: host.certificate, key: host.key }),
  requests: what === 'cards' ? Array<string>(Number(each)).fill(cardRequest) : reportsOf(host),
  socket: undefined as TLSSocket | undefined,
}))
const latencies: number[] = []
if (what !== 'fresh') await many(16, hosts.length, settle)
const [begun, cpuBegun] = [performance.now(), cpuSecondsOf(Number(pid))]
await many(together, hosts.length * Number(each), askOne)
const found: ServerLoad = {
  answers: latencies.length,
  seconds: (performance.now() - begun) / 1000,
  cpuSeconds: cpuSecondsOf(Number(pid)) - cpuBegun,
  p50: quantile(latencies, 0.5),
  p99: quantile(latencies, 0.99),
}
for (const { socket } of hosts) socket?.destroy()
console.log(JSON.stringify(found))

/** So many turns, a few at a time. */
async function many(few: number, turns: number, one: (turn: number) => Promise<void>): Promise<void> {
  let next = 0
  const work = async () => {
    for (let turn = next++; turn < turns; turn = next++) await one(turn)
  }
  await Promise.all(Array.from({ length: few }, work))
}

/** A connection that stays has asked once before it counts: it does not ask for long otherwise, and is closed. */
async function settle(turn: number): Promise<void> {
  const host = hosts[turn]!
  host.socket = await connected(host.context)
  await ask(host.socket, cardRequest)
}

/** Host by host, so that each has its pauses. */
async function askOne(turn: number): Promise<void> {
  const { context, requests, socket } = hosts[turn % hosts.length]!
  const asked = performance.now()
  const used = socket ?? (await connected(context))
  const answer = await ask(used, requests[Math.floor(turn / hosts.length)]!)
  latencies.push(performance.now() - asked)
  if (socket === undefined) used.destroy()
  if (!answer.startsWith('HTTP/1.1 200') || !/"taken"|"payload"/.test(answer))
    throw new Error(`not the answer that was to come: ${answer.slice(0, 500)}`)
}

async function connected(secureContext: SecureContext): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: Number(port),
    servername: 'localhost',
    secureContext,
  })
  await once(socket, 'secureConnect')
  return socket.setEncoding('latin1').setNoDelay()
}

/** One answer, whose length its head says. */
function ask(socket: TLSSocket, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const take = (chunk: string) => {
      text += chunk
      const head = text.indexOf('\r\n\r\n')
      const length = /^content-length: (\d+)/im.exec(text)?.[1]
      if (head < 0 || length === undefined || text.length < head + 4 + Number(length)) return
      socket.off('data', take).off('close', end)
      resolve(text)
    }
    const end = () => reject(new Error(`the server hung up: ${text}`))
    socket.on('data', take).once('close', end)
    socket.write(request)
  })
}

function reportsOf({ id, key, machine }: Fleet['hosts'][number]): string[] {
  const signer = statementSignerOf(createPrivateKey(key))
  return Array.from({ length: Number(each) }, (_, i) => {
    const report: HostReport = {
      version: 1,
      host: id as HostId,
      attempt: '',
      counter: Number(first) + i,
      kind: 'alive',
      at: timestampOf(Date.now()),
      boot: '3f5c1c8e-7b0e-4a4c-9d55-0a6b1f0e2d11',
      machine,
      departures: 1,
      halt: 0,
      reason: {
        word: 'waiting',
        sentence: 'web@20261120T070000Z is not granted to this host yet: rank 45.0912%',
      },
      facts: { architecture: 'amd64', distribution: 'debian-12', kernel: '6.1.0-28-amd64' },
    }
    const body = JSON.stringify(sealEnvelope('report', report, [signer]))
    return `POST /hosts/v1/reports HTTP/1.1\r\nHost: yard\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  })
}
