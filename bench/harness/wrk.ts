import { join } from 'node:path'
import { waitForQuiet } from './load.ts'
import { run } from './run.ts'
import type { Settings } from './settings.ts'

/** What clients saw: `refused` are answers of status 400 and above, `broken` what got no answer; latencies in milliseconds. */
export interface LoadReport {
  seconds: number
  requests: number
  bytes: number
  broken: number
  refused: number
  p50: number
  p90: number
  p99: number
  max: number
}

export interface Load {
  url: string
  connections: number
  /** Every request, or every second one, asks for another path below `url`. Default: all for `url` itself. */
  paths?: 'distinct' | 'mixed'
}

const seconds = 5

/** Two threads of clients on the same machine ask for 5 seconds. @throws Error when requests get no answer. */
export async function putLoadOn(settings: Settings, { url, connections, paths }: Load): Promise<LoadReport> {
  await waitForQuiet(settings.quietSeconds)
  const script = join(settings.checkout, 'bench', 'harness', 'wrk.lua')
  const args = ['-t2', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s', '-s', script, url]
  const output = await run({ program: 'wrk', args: [...args, '--', ...(paths === undefined ? [] : [paths])] })
  return JSON.parse(output.trim().split('\n').at(-1)!) as LoadReport
}
