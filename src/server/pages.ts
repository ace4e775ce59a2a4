import type { TrainConfiguration } from '../config/index.ts'
import type { Name, SnapshotRecord } from '../model/index.ts'
import type { Content } from '../repository/index.ts'
import type { OpenYard } from '../yard/index.ts'
import { escapeHtml, htmlPage } from './html.ts'
import { clientCommand } from './setup/client-command.ts'

/** The first page: what is served, trains first, and how a client is pointed at it. Reads refs alone. */
export async function homePage({ configuration, content }: OpenYard, base: string): Promise<string> {
  const rows = await Promise.all(
    [...configuration.repositories.keys()].map(async name =>
      homeRow(name, await content.record(name, { kind: 'latest' }), base),
    ),
  )
  const trains = [...configuration.trains.values()].map(trainRow)
  const body = `${[...trains, ...rows].join('\n')}
<p><a href="/api/v1/openapi.json">API</a> · <a href="/healthz">health</a> · <a href="/metrics">metrics</a></p>`
  return htmlPage('Switchyard', body)
}

function trainRow({ name, channels }: TrainConfiguration): string {
  const names = [...channels.keys()].map(channel => escapeHtml(channel)).join(', ')
  return `<h2><a href="/channels/${name}/">${escapeHtml(name)}</a></h2>\n<p>train with the channels ${names}</p>`
}

function homeRow(name: Name, record: SnapshotRecord | undefined, base: string): string {
  if (record === undefined) return `<h2>${escapeHtml(name)}</h2>\n<p>no snapshot yet</p>`
  return `<h2><a href="/content/${name}/">${escapeHtml(name)}</a></h2>
<p>newest snapshot <a href="/content/${name}/${record.timestamp}/">${record.timestamp}</a>, ${record.packageCount.toLocaleString('en')} packages</p>
<pre>${escapeHtml(clientCommand(base, name, record.format).command)}</pre>`
}

/** A repository's snapshots, newest first. Undefined: there is none. */
export async function repositoryPage(content: Content, name: Name): Promise<string | undefined> {
  const listed = await content.snapshots(name)
  if (listed.length === 0) return undefined
  const rows = ['latest', ...listed.toReversed()].map(at => `<tr><td><a href="${at}/">${at}/</a></td></tr>`)
  return htmlPage(name, `<table>\n${rows.join('\n')}\n</table>`)
}
