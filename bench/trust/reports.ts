import { join } from 'node:path'
import type { Bench, Claim } from '../harness/claim.ts'
import { rounded } from '../harness/compare.ts'
import { type Figure, type Findings, ours } from '../harness/findings.ts'
import { load, waitForQuiet } from '../harness/load.ts'
import { serveYard } from '../harness/our-server.ts'
import { createYard } from '../harness/our-yard.ts'
import { run } from '../harness/run.ts'
import { freePort } from '../harness/serve.ts'
import type { Settings } from '../harness/settings.ts'
import { median } from '../harness/statistics.ts'
import type { ServerLoad } from '../trust-load.ts'
import { hostsYard } from './hosts-yard.ts'

/** Hosts that are enrolled, and those of them that report. */
const size = { enrolled: 100_000, reporting: 1_000 }

/** How often each of them asks, in one turn; what a host may send within some minutes is enough for ten turns. */
const each = { kept: 10, fresh: 1, cards: 10 }
type What = keyof typeof each

const titles: Record<What, string> = {
  kept: 'reports over kept connections',
  fresh: 'reports, a connection each',
  cards: 'cards over kept connections',
}

interface Sample extends ServerLoad {
  load: number
}

export const reports: Claim = {
  name: 'reports',
  title: `Reports to a yard with ${size.enrolled.toLocaleString('en')} hosts, over TLS with the hosts' certificates`,
  async measure({ settings }: Bench): Promise<Findings> {
    const port = await freePort()
    const yard = createYard(settings, 'reports', hostsYard(await freePort(), port))
    await yard.clear()
    const fleet = join(settings.directory, 'report-fleet.json')
    await run(
      script(settings, 'trust-fleet.ts', yard.directory, `${size.enrolled}`, `${size.reporting}`, fleet),
    )
    const server = await serveYard(yard)
    try {
      const samples: Record<What, Sample[]> = { kept: [], fresh: [], cards: [] }
      let first = 1
      for (let turn = 0; turn < settings.runs; turn++)
        for (const what of ['kept', 'fresh', 'cards'] as const) {
          await waitForQuiet(settings.quietSeconds)
          const loadBefore = load()
          const put = script(
            settings,
            'trust-load.ts',
            fleet,
            `${port}`,
            `${server.pid}`,
            what,
            `${each[what]}`,
            `${first}`,
          )
          const found = JSON.parse(await run(put)) as ServerLoad
          samples[what].push({ ...found, load: loadBefore })
          first += each[what]
          console.error(`${titles[what]}: ${rounded(found.answers / found.seconds)} req/s`)
        }
      return findingsOf(samples, server.peakBytes())
    } finally {
      await server.stop()
    }
  },
}

function script({ checkout }: Settings, name: string, ...args: string[]) {
  return { program: process.execPath, args: [join(checkout, 'bench', name), ...args] }
}

function findingsOf(samples: Record<What, Sample[]>, peakBytes: number): Findings {
  const rates = samples.kept.map(({ answers, seconds }) => answers / seconds)
  const cpu = samples.kept.map(({ cpuSeconds, answers }) => (cpuSeconds / answers) * 1000)
  const mebibytes = peakBytes / 1024 / 1024
  return {
    figures: (['kept', 'fresh', 'cards'] as const).flatMap(what =>
      figuresOf(titles[what], samples[what], peakBytes),
    ),
    targets: [
      {
        target: 'at least 2,000 verified reports a second',
        measured: `${rounded(median(rates))} req/s`,
        met: median(rates) >= 2_000,
      },
      {
        target: 'one is verified, decided and kept in under 1 ms of CPU, TLS and HTTP included',
        measured: `${rounded(median(cpu))} ms`,
        met: median(cpu) < 1,
      },
      {
        target: 'peak memory of the server: under 400 MB',
        measured: `${Math.round(mebibytes)} MiB`,
        met: peakBytes < 400_000_000,
      },
    ],
    notes: [
      `${size.reporting.toLocaleString('en')} of the hosts report, 256 at a moment (32 where each opens a connection for every report), each report of another number; each is answered once it is on the disk. Whoever puts the load on shares two cores with the server, and does the other half of TLS.`,
      'A host of which nothing stays resident opens a connection for every report: then the handshakes, not the reports, are the limit.',
    ],
  }
}

function figuresOf(what: string, samples: Sample[], peakBytes: number): Figure[] {
  const figure = (name: string, unit: Figure['unit'], value: (sample: Sample) => number): Figure => ({
    what: `${what}${name}`,
    who: ours,
    unit,
    values: samples.map(value),
    load: samples.map(({ load }) => load),
  })
  return [
    {
      ...figure('', 'req/s', ({ answers, seconds }) => answers / seconds),
      cpuSeconds: samples.map(({ cpuSeconds }) => cpuSeconds),
      peakBytes,
    },
    figure(': latency, p50', 'ms', ({ p50 }) => p50),
    figure(': latency, p99', 'ms', ({ p99 }) => p99),
  ]
}
