import { setTimeout as delay } from 'node:timers/promises'
import { mirrorYaml } from '../apt/contenders/mirror-yaml.ts'
import type { Bench, Claim } from '../harness/claim.ts'
import { rounded } from '../harness/compare.ts'
import { type Figure, type Findings, ours, type Target } from '../harness/findings.ts'
import { load } from '../harness/load.ts'
import { serveYard } from '../harness/our-server.ts'
import { createYard, type OurYard } from '../harness/our-yard.ts'
import { run } from '../harness/run.ts'
import { freePort } from '../harness/serve.ts'
import { median } from '../harness/statistics.ts'
import { type LoadReport, putLoadOn } from '../harness/wrk.ts'
import { debReal } from '../workloads/deb-real.ts'
import { sized } from '../workloads/sized.ts'

const channel = 'fleet/production'
const connections = 64

export const channelLoad: Claim = {
  name: 'channel-load',
  title: 'A channel under load, hits and misses in turn, while it is promoted and rolled back',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const archive = await sized(settings, key)
    const real = await debReal(settings, key)
    nginx.show('sized', archive.directory)
    nginx.show('deb', real.today)
    const yard = createYard(
      settings,
      'channel-load',
      `repositories:
${mirrorYaml('sized', `${nginx.url}/sized`, key, 'immediate')}${mirrorYaml('deb', `${nginx.url}/deb`, key, 'on-demand')}trains:
  fleet:
    repositories: [sized, deb]
    channels: { production: {} }
    complete: fetchable
server:
  listen: 127.0.0.1:${await freePort()}
`,
    )
    await yard.clear()
    await promoteNewest(yard)
    nginx.show('deb', real.tomorrow)
    await promoteNewest(yard)
    const server = await serveYard(yard)
    try {
      const url = `${server.url}/channels/${channel}/sized/${archive.small}`
      const quiet: LoadReport[] = []
      const moving: LoadReport[] = []
      let moves = 0
      for (let turn = 0; turn < settings.runs; turn++) {
        quiet.push(await ask(bench, 'at rest', url))
        const mover = moveUntilStopped(yard)
        moving.push(await ask(bench, 'moving', url))
        moves += await mover.stop()
      }
      return findingsOf(quiet, moving, moves)
    } finally {
      await server.stop()
    }
  },
}

async function promoteNewest(yard: OurYard): Promise<void> {
  await run(yard.sync)
  await run(yard.command('release', 'fleet'))
  await run(yard.command('promote', channel))
}

async function ask({ settings }: Bench, what: string, url: string): Promise<LoadReport> {
  const report = await putLoadOn(settings, { url, connections, paths: 'mixed' })
  const missed = report.refused / report.requests
  if (report.broken > 0 || Math.abs(missed - 0.5) > 0.01)
    throw new Error(`${what}: not the answers that were asked for: ${JSON.stringify(report)}`)
  console.error(`${what}: ${rounded(report.requests / report.seconds)} req/s, p99 ${report.p99} ms`)
  return report
}

/** Another process moves the channel about once a second, back and forward again. Answers how often it did. */
function moveUntilStopped(yard: OurYard): { stop(): Promise<number> } {
  let stopped = false
  let moves = 0
  const moving = (async () => {
    for (; !stopped; moves++) {
      await run(moves % 2 === 0 ? yard.command('rollback', channel) : yard.command('promote', channel))
      await delay(500)
    }
    if (moves % 2 === 1) await run(yard.command('promote', channel))
  })()
  return {
    async stop() {
      stopped = true
      await moving
      return moves
    },
  }
}

function findingsOf(quiet: LoadReport[], moving: LoadReport[], moves: number): Findings {
  const figures = [...figuresOf('at rest', quiet), ...figuresOf('while it moves', moving)]
  const rate = median(moving.map(({ requests, seconds }) => requests / seconds))
  return {
    figures,
    targets: [
      {
        target: 'while it moves: 5,000 requests a second',
        measured: `${rounded(rate)} req/s`,
        met: rate >= 5000,
      },
      flat(moving),
      undisturbed(quiet, moving),
    ],
    notes: [
      `The channel was moved ${moves} times.`,
      'wrk, the server and the process that moves the channel (each time a new one, which signs with RSA-4096) share two cores.',
    ],
  }
}

function figuresOf(what: string, reports: LoadReport[]): Figure[] {
  const figure = (name: string, unit: Figure['unit'], value: (report: LoadReport) => number): Figure => ({
    what: `${what}${name}`,
    who: ours,
    unit,
    values: reports.map(value),
    load: reports.map(() => load()),
  })
  return [
    figure('', 'req/s', ({ requests, seconds }) => requests / seconds),
    ...(['p50', 'p99', 'max'] as const).map(key => figure(`: latency, ${key}`, 'ms', report => report[key])),
  ]
}

/** One in a hundred waits at most three times as long as most, as with other content. */
function flat(moving: LoadReport[]): Target {
  const [p50, p99] = [median(moving.map(({ p50 }) => p50)), median(moving.map(({ p99 }) => p99))]
  return {
    target: 'while it moves: the 99th percentile within three times the median',
    measured: `${rounded(p50)} ms, ${rounded(p99)} ms`,
    met: p99 <= 3 * p50,
  }
}

/** One in a hundred waits at most twice as long as at rest. */
function undisturbed(quiet: LoadReport[], moving: LoadReport[]): Target {
  const [rest, moved] = [quiet, moving].map(reports => median(reports.map(({ p99 }) => p99))) as [
    number,
    number,
  ]
  return {
    target: 'while it moves: the 99th percentile within twice that at rest',
    measured: `${rounded(rest)} ms, ${rounded(moved)} ms`,
    met: moved <= 2 * rest,
  }
}
