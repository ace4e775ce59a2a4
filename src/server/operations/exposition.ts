import { isName, millisecondsOf } from '../../model/index.ts'
import type { RepositorySummary } from '../../yard/index.ts'
import type { CatalogView } from './catalog-view.ts'
import { type KindTotals, latencyBounds, type RequestKind, type RequestMeter } from './request-meter.ts'

type Labels = Record<string, string | number>
type Sample = [suffix: string, labels: Labels, value: number]

/** Our own metrics in Prometheus' text format, version 0.0.4. `now` in milliseconds since the epoch. */
export function exposition(meter: RequestMeter, catalog: CatalogView, now: number): string {
  const kinds = [...meter.totals()]
  const repositories = 'repositories' in catalog ? catalog.repositories : []
  return [
    metric(
      'switchyard_requests_total',
      'counter',
      'Answers by kind and HTTP status.',
      kinds.flatMap(requests),
    ),
    metric(
      'switchyard_sent_bytes_total',
      'counter',
      'Bytes of bodies handed to the network.',
      kinds.map(([kind, { bytes }]) => ['', { kind }, bytes]),
    ),
    metric(
      'switchyard_answer_seconds',
      'histogram',
      'Time until the head of an answer was written.',
      kinds.flatMap(histogram),
    ),
    metric('switchyard_catalog_up', 'gauge', 'Whether the catalog answers.', [
      ['', {}, 'repositories' in catalog ? 1 : 0],
    ]),
    ...repositoryMetrics(repositories, now),
  ].join('')
}

function requests([kind, { statuses }]: [RequestKind, KindTotals]): Sample[] {
  return [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => ['', { kind, status }, count])
}

function histogram([kind, { latencies, seconds }]: [RequestKind, KindTotals]): Sample[] {
  let count = 0
  const buckets = latencies.map((inBucket, i): Sample => {
    count += inBucket
    return ['_bucket', { kind, le: latencyBounds[i] ?? '+Inf' }, count]
  })
  return [...buckets, ['_sum', { kind }, seconds], ['_count', { kind }, count]]
}

function repositoryMetrics(repositories: RepositorySummary[], now: number): string[] {
  const gauge = (name: string, help: string, value: (of: RepositorySummary) => number | undefined) =>
    metric(
      name,
      'gauge',
      help,
      repositories.flatMap((of): Sample[] => {
        const number = isName(of.name) ? value(of) : undefined
        return number === undefined ? [] : [['', { repository: of.name }, number]]
      }),
    )
  const age = (timestamp: RepositorySummary['checked']) =>
    timestamp === undefined ? undefined : Math.max(0, now - millisecondsOf(timestamp)) / 1000
  const completeness = (of: RepositorySummary) => of.latest?.completeness
  return [
    gauge('switchyard_snapshots', 'Snapshots that are listed.', of => of.snapshotCount),
    gauge('switchyard_snapshot_age_seconds', 'Age of the newest snapshot.', of =>
      age(of.latest?.record.timestamp),
    ),
    gauge('switchyard_sync_age_seconds', 'Time since a sync completed.', of => age(of.checked)),
    gauge('switchyard_sync_failed', 'Whether the last sync failed.', of =>
      of.failure === undefined ? 0 : 1,
    ),
    gauge('switchyard_files', 'Files of the newest snapshot.', of => completeness(of)?.totalEntries),
    gauge('switchyard_files_local', 'Those that are here.', of => completeness(of)?.localEntries),
    gauge('switchyard_files_lost', 'Those that nobody has any more.', of => completeness(of)?.lostEntries),
    gauge('switchyard_bytes', 'Bytes of the newest snapshot.', of => completeness(of)?.totalBytes),
    gauge('switchyard_bytes_local', 'Those that are here.', of => completeness(of)?.localBytes),
  ]
}

function metric(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  samples: Sample[],
): string {
  if (samples.length === 0) return ''
  const lines = samples.map(([suffix, labels, value]) => `${name}${suffix}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

/** Values are kinds, statuses, bounds and names of repositories: none needs escaping. */
function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
