import { execFile } from 'node:child_process'
import type { AptProxy } from './proxy.ts'

/** Runs a program and gives what it printed, or undefined when it is not there or fails. */
export type RunProgram = (program: string, parameters: string[]) => Promise<string | undefined>

/**
 * The proxy that the machine's own apt uses, or undefined when it uses none or there is no apt. As in apt, https falls
 * back to http's. `Proxy-Auto-Detect` programs are not run.
 */
export async function readAptProxy(run: RunProgram = runProgram): Promise<AptProxy | undefined> {
  const dump = await run('apt-config', ['dump', '--format', '%f %v%n', 'Acquire::http', 'Acquire::https'])
  return dump === undefined ? undefined : parseAptProxy(dump)
}

/** Reads `apt-config dump` lines of option, space, value. */
export function parseAptProxy(dump: string): AptProxy | undefined {
  const options = dump.split('\n').map(line => /^(\S+) (.*)$/.exec(line)?.slice(1) ?? []) as [
    string,
    string,
  ][]
  const value = (name: string): string | undefined =>
    options.find(([option]) => option?.toLowerCase() === name)?.[1] || undefined
  const http = proxyOrDirect(value('acquire::http::proxy'))
  const https = proxyOrDirect(value('acquire::https::proxy') ?? value('acquire::http::proxy'))
  if (http === undefined && https === undefined) return undefined
  const direct = options.flatMap(([option, text]) => {
    const host = /^acquire::https?::proxy::(.+)$/i.exec(option ?? '')?.[1]
    return host !== undefined && text === 'DIRECT' ? [host] : []
  })
  return { http, https, direct: [...new Set(direct)] }
}

function proxyOrDirect(value: string | undefined): string | undefined {
  return value === 'DIRECT' || value === 'false' ? undefined : value
}

function runProgram(program: string, parameters: string[]): Promise<string | undefined> {
  return new Promise(resolve => {
    execFile(program, parameters, { timeout: 5000, maxBuffer: 1024 * 1024 }, (error, output) =>
      resolve(error === null ? output : undefined),
    )
  })
}
