import { join } from 'node:path'
import type { Bench, Claim } from '../harness/claim.ts'
import { rounded } from '../harness/compare.ts'
import { type Findings, ours } from '../harness/findings.ts'
import { load, waitForQuiet } from '../harness/load.ts'
import { serveYard } from '../harness/our-server.ts'
import { createYard } from '../harness/our-yard.ts'
import { run } from '../harness/run.ts'
import { freePort } from '../harness/serve.ts'
import { median } from '../harness/statistics.ts'
import type { LoadFound } from '../trust-load.ts'
import { hostsYard } from './hosts-yard.ts'

const count = 10_000

interface Sample extends LoadFound {
  cpuSeconds: number
  load: number
}

export const enrolments: Claim = {
  name: 'enrolments',
  title: `${count.toLocaleString('en')} machines become hosts, each with a key and a TLS connection of its own`,
  async measure({ settings }: Bench): Promise<Findings> {
    const port = await freePort()
    const yard = createYard(settings, 'enrolments', hostsYard(await freePort(), port))
    await yard.clear()
    const server = await serveYard(yard)
    try {
      const samples: Sample[] = []
      for (let turn = 0; turn < settings.runs; turn++) {
        await waitForQuiet(settings.quietSeconds)
        const [before, loadBefore] = [server.cpuSeconds(), load()]
        const script = join(settings.checkout, 'bench', 'trust-enrolments.ts')
        const args = [script, yard.directory, `${port}`, `${count}`]
        const found = JSON.parse(await run({ program: process.execPath, args })) as LoadFound
        samples.push({ ...found, cpuSeconds: server.cpuSeconds() - before, load: loadBefore })
        console.error(`enrolments: ${rounded(found.seconds)} s`)
      }
      return findingsOf(samples, server.peakBytes())
    } finally {
      await server.stop()
    }
  },
}

function findingsOf(samples: Sample[], peakBytes: number): Findings {
  const seconds = samples.map(({ seconds }) => seconds)
  const cpu = samples.map(({ cpuSeconds, answers }) => (cpuSeconds / answers) * 1000)
  const shared = { who: ours, load: samples.map(({ load }) => load) }
  return {
    figures: [
      {
        ...shared,
        what: 'all of them',
        unit: 's',
        values: seconds,
        cpuSeconds: samples.map(({ cpuSeconds }) => cpuSeconds),
        peakBytes,
      },
      { ...shared, what: 'one: latency, p50', unit: 'ms', values: samples.map(({ p50 }) => p50) },
      { ...shared, what: 'one: latency, p99', unit: 'ms', values: samples.map(({ p99 }) => p99) },
    ],
    targets: [
      {
        target: `${count.toLocaleString('en')} enrolments within a minute`,
        measured: `${rounded(median(seconds))} s`,
        met: median(seconds) <= 60,
      },
    ],
    notes: [
      `By one token for a group, 64 machines at a moment. Each is a host in the database, with a line in the audit log, before it is answered; its certificate is signed after. Whoever puts the load on shares two cores with the server, and does the other half of TLS. An enrolment costs the server ${rounded(median(cpu))} ms of CPU.`,
    ],
  }
}
