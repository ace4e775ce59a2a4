import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createServer, type ServerOptions } from '../src/server/index.ts'
import { type OpenYard, type OpenYardOptions, openYard, type SyncReport } from '../src/yard/index.ts'

/** Writes `switchyard.yaml` (the server on a free port of loopback unless it says otherwise) and opens the yard. */
export async function makeYard(
  directory: string,
  configuration: { repositories: Record<string, unknown>; [section: string]: unknown },
  options: Partial<OpenYardOptions> = {},
): Promise<OpenYard> {
  await mkdir(directory, { recursive: true })
  const defaults = { server: { listen: '127.0.0.1:0' }, keys: { algorithm: 'ed25519' } }
  await writeFile(join(directory, 'switchyard.yaml'), stringify({ ...defaults, ...configuration }))
  return openYard(directory, { environment: {}, ...options })
}

/** Syncs and answers the reports by repository. @throws when one failed. */
export async function syncAll(open: OpenYard): Promise<Map<string, SyncReport>> {
  const reports = await open.yard.sync([])
  for (const report of reports)
    if (report.outcome === 'failed') throw new Error(`${report.repository}: ${report.error.message}`)
  return new Map(reports.map(report => [report.repository, report]))
}

/** A running server over the yard. */
export async function serveYard(
  open: OpenYard,
  options: Omit<ServerOptions, 'open'> = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const server = await createServer({ open, logLevel: 'silent', ...options })
  const { url } = await server.listen()
  return { url, close: server.close }
}
