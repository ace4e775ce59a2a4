import type { MirrorConfiguration } from '../../config/index.ts'
import {
  type ByteString,
  canonicalJson,
  type Digest,
  digestOf,
  type SnapshotRecord,
  timestampOf,
} from '../../model/index.ts'
import type { SuiteAnswer, SuiteMemory } from '../../upstream/index.ts'
import type { RepositoryContext } from '../context.ts'
import { readUpstreamMemory, refNames, type UpstreamMemory, writeRecord } from '../records.ts'

/** Digest of what in the configuration decides which files are mirrored. */
export function settingsDigest(mirror: MirrorConfiguration): Digest {
  const { urls, suites, components, architectures, sources, installer, keyring, trusted } = mirror.upstream
  const settings = {
    urls,
    suites,
    components,
    architectures,
    sources,
    installer,
    keyring,
    trusted,
    policy: mirror.policy,
  }
  return digestOf(Buffer.from(canonicalJson(settings)))
}

/**
 * What is remembered of the suites, as far as it still holds: after a change of settings, or when the snapshot that it
 * belongs to is gone, only the dates count (an older Release is still a stale mirror).
 */
export async function usableMemory(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  settings: Digest,
  previous: SnapshotRecord | undefined,
): Promise<UpstreamMemory['suites']> {
  const memory = await readUpstreamMemory(context.refs, mirror.name)
  const dates: UpstreamMemory['suites'] = {}
  for (const suite of previous?.suites ?? [])
    dates[suite.suite] = { validators: {}, document: '' as Digest, date: suite.date }
  if (memory === undefined || memory.settings !== settings || previous === undefined) return dates
  for (const [suite, remembered] of Object.entries(memory.suites))
    if (dates[suite]?.date === remembered.date) dates[suite] = remembered
  return dates
}

/** What is left to go by when a sync begins again: the dates, and no conditional requests. */
export function withoutValidators(memory: UpstreamMemory['suites']): UpstreamMemory['suites'] {
  return Object.fromEntries(
    Object.entries(memory).map(([suite, { date }]) => [
      suite,
      { validators: {}, document: '' as Digest, date },
    ]),
  )
}

/** Remembers what upstream said, so that the next sync asks only for what is new. */
export async function rememberSuites(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  settings: Digest,
  answers: Map<ByteString, SuiteAnswer>,
  before: UpstreamMemory['suites'],
): Promise<void> {
  const suites: { [suite: string]: SuiteMemory } = {}
  for (const [suite, answer] of answers) {
    const memory =
      answer.kind === 'changed'
        ? answer.reading.memory
        : answer.kind === 'unchanged'
          ? answer.memory
          : before[suite]
    if (memory !== undefined) suites[suite] = memory
  }
  await writeRecord(context.refs, refNames.upstream(mirror.name), {
    version: 1,
    checked: timestampOf(context.now()),
    settings,
    suites,
  })
}
