import type { Bench, Claim } from '../harness/claim.ts'
import { figureOf, ratio, rounded } from '../harness/compare.ts'
import { type Figure, type Findings, ours, type Target } from '../harness/findings.ts'
import { load } from '../harness/load.ts'
import { serveYard } from '../harness/our-server.ts'
import { createYard, syncAnswers } from '../harness/our-yard.ts'
import { run } from '../harness/run.ts'
import { freePort } from '../harness/serve.ts'
import { median } from '../harness/statistics.ts'
import { type Load, type LoadReport, putLoadOn } from '../harness/wrk.ts'
import { type Sized, sized } from '../workloads/sized.ts'
import { mirrorYaml } from './contenders/mirror-yaml.ts'

interface Server {
  who: string
  /** Where the archive's root is. */
  base: string
  /** CPU seconds used so far; of ours alone. */
  cpuSeconds?: () => number
}

export const content: Claim = {
  name: 'content',
  title: 'Content: our server and nginx with the same bytes, clients on the same machine',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const archive = await sized(settings, key)
    nginx.show('sized', archive.directory)
    const listen = `server:\n  listen: 127.0.0.1:${await freePort()}\n`
    const configuration = `repositories:\n${mirrorYaml('sized', `${nginx.url}/sized`, key, 'immediate')}${listen}`
    const yard = createYard(settings, 'content', configuration)
    await yard.clear()
    const [answer] = syncAnswers(await run(yard.sync))
    const server = await serveYard(yard)
    try {
      const base = `${server.url}/content/sized/${answer!.snapshot.record.timestamp}`
      const servers = [
        { who: ours, base, cpuSeconds: server.cpuSeconds },
        { who: 'nginx', base: `${nginx.url}/sized` },
      ]
      return await ask(bench, servers, archive, server.peakBytes)
    } finally {
      await server.stop()
    }
  },
}

async function ask(
  bench: Bench,
  servers: Server[],
  archive: Sized,
  peakBytes: () => number,
): Promise<Findings> {
  const measured = async (what: string, path: string, connections: number) =>
    (await inTurns(bench, servers, [{ what, path, connections }]))[0]!
  const mebibyte = inMegabytes(await measured('files of 1 MiB', archive.mebibyte, 32))
  const large = inMegabytes(await measured('files of 100 MiB', archive.large, 8))
  const [hits, misses] = (await inTurns(bench, servers, [
    { what: 'hits, a file under 1 KiB', path: archive.small, connections: 32 },
    { what: 'misses, each another path', path: 'pool/none-', connections: 32, paths: 'distinct' },
  ])) as [Asked, Asked]
  const [hitCost, missCost] = [costOfRequest(hits), costOfRequest(misses)]
  const crowd = await measured('a file under 1 KiB, 500 connections', archive.small, 500)
  const latencies = inMilliseconds(crowd)
  const requests = [hits, misses, crowd].flatMap(inRequests)
  const memory: Figure = { what: 'peak memory of the server', who: ours, unit: 'B', values: [peakBytes()] }
  return {
    figures: [...mebibyte, ...large, ...requests, hitCost, missCost, ...latencies, memory],
    targets: [halfOfNginx(mebibyte), halfOfNginx(large), missesAsCheap(hitCost, missCost), flat(latencies)],
    notes: [
      'wrk and the server share the cores: these are ranks, not capacities.',
      'wrk opens its connections at once and counts, for every request that a connection could not send while it stalled, how long it would have waited.',
    ],
  }
}

interface Question {
  what: string
  path: string
  connections: number
  paths?: Load['paths']
}

interface Asked {
  what: string
  reports: Map<string, { report: LoadReport; load: number; cpuSeconds?: number }[]>
}

/** All questions to all servers in every turn, so that what drifts meets them alike. */
async function inTurns(bench: Bench, servers: Server[], questions: Question[]): Promise<Asked[]> {
  const asked = questions.map(({ what }) => ({
    what,
    reports: new Map(servers.map(({ who }) => [who, []])) as Asked['reports'],
  }))
  for (let turn = 0; turn < bench.settings.runs; turn++)
    for (const [i, question] of questions.entries())
      for (const server of servers)
        asked[i]!.reports.get(server.who)!.push(await askOne(bench, server, question))
  return asked
}

async function askOne(
  { settings }: Bench,
  { who, base, cpuSeconds }: Server,
  { what, path, connections, paths }: Question,
) {
  const before = cpuSeconds?.() ?? 0
  const report = await putLoadOn(settings, {
    url: `${base}/${path}`,
    connections,
    ...(paths === undefined ? {} : { paths }),
  })
  if (report.broken > 0 || report.refused > 0 !== (paths === 'distinct'))
    throw new Error(`${who}, ${what}: not the answers that were asked for: ${JSON.stringify(report)}`)
  console.error(`${what}: ${who}: ${rounded(report.requests / report.seconds)} req/s, p99 ${report.p99} ms`)
  const used = cpuSeconds && { cpuSeconds: cpuSeconds() - before }
  return { report, load: load(), ...used }
}

function figures(
  asked: Asked,
  name: string,
  unit: Figure['unit'],
  value: (report: LoadReport) => number,
): Figure[] {
  return [...asked.reports].map(([who, runs]) => ({
    what: `${asked.what}${name}`,
    who,
    unit,
    values: runs.map(({ report }) => value(report)),
    load: runs.map(run => run.load),
  }))
}

function inMegabytes(asked: Asked): Figure[] {
  return figures(asked, '', 'MB/s', ({ bytes, seconds }) => bytes / seconds / 1e6)
}

function inRequests(asked: Asked): Figure[] {
  return figures(asked, '', 'req/s', ({ requests, seconds }) => requests / seconds)
}

function inMilliseconds(asked: Asked): Figure[] {
  return (['p50', 'p90', 'p99', 'max'] as const).flatMap(key =>
    figures(asked, `: latency, ${key}`, 'ms', report => report[key]),
  )
}

/** What a request costs our server: unlike their rate, hardly touched by who else uses the cores. */
function costOfRequest({ what, reports }: Asked): Figure {
  const values = reports.get(ours)!.map(({ report, cpuSeconds }) => (1000 * cpuSeconds!) / report.requests)
  return { what: `${what}: CPU time of a request`, who: ours, unit: 'ms', values }
}

function halfOfNginx(pair: Figure[]): Target {
  const share = ratio(figureOf(pair, ours), figureOf(pair, 'nginx'))
  return {
    target: `${pair[0]!.what}: half of nginx's bytes`,
    measured: `${share.toFixed(2)} of nginx`,
    met: share >= 0.5,
  }
}

function missesAsCheap(hit: Figure, miss: Figure): Target {
  const share = ratio(miss, hit)
  return {
    target: 'misses as cheap as hits, in CPU time of the server',
    measured: `${share.toFixed(2)} of a hit's`,
    met: share <= 1.1,
  }
}

/** Flat: one in a hundred waits at most three times as long as most. */
function flat(latencies: Figure[]): Target {
  const of = (key: string) =>
    median(latencies.find(({ what, who }) => who === ours && what.endsWith(key))!.values)
  const [p50, p99] = [of('p50'), of('p99')]
  return {
    target: 'latency with 500 connections: the 99th percentile within three times the median',
    measured: `${rounded(p50)} ms, ${rounded(p99)} ms`,
    met: p99 <= 3 * p50,
  }
}
