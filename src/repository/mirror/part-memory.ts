import type { MirrorConfiguration } from '../../config/index.ts'
import {
  canonicalJson,
  type Digest,
  digestOf,
  type Json,
  type SnapshotRecord,
  timestampOf,
} from '../../model/index.ts'
import type { PartMemory } from '../../upstream/index.ts'
import type { RepositoryContext } from '../context.ts'
import { readUpstreamMemory, refNames, type UpstreamMemory, writeRecord } from '../records.ts'
import type { Answers, MirrorFormat, PartMemories } from './mirror-format.ts'

/** Digest of what in the configuration decides which files are mirrored. */
export function settingsDigest(mirror: MirrorConfiguration, settings: Json): Digest {
  return digestOf(Buffer.from(canonicalJson({ settings, policy: mirror.policy })))
}

/**
 * What is remembered of the parts, as far as it still holds: after a change of settings, or when the snapshot that it
 * belongs to is gone, only the dates count (an older document is still a stale mirror).
 */
export async function usableMemory<R extends { memory: PartMemory }>(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  format: MirrorFormat<R>,
  settings: Digest,
  previous: SnapshotRecord | undefined,
): Promise<PartMemories> {
  const memory = await readUpstreamMemory(context.refs, mirror.name)
  const usable: PartMemories = {}
  if (previous === undefined) return usable
  for (const [part, date] of format.partsOf(previous))
    usable[part] = { validators: {}, document: '' as Digest, date }
  if (memory === undefined || memory.settings !== settings) return usable
  for (const [part, remembered] of Object.entries(memory.parts))
    if (usable[part]?.date === remembered.date) usable[part] = remembered
  return usable
}

/** What is left to go by when a sync begins again: the dates, and no conditional requests. */
export function withoutValidators(memory: PartMemories): PartMemories {
  return Object.fromEntries(
    Object.entries(memory).map(([part, { date }]) => [
      part,
      { validators: {}, document: '' as Digest, date },
    ]),
  )
}

/** Remembers what upstream said, so that the next sync asks only for what is new. */
export async function rememberParts<R extends { memory: PartMemory }>(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  settings: Digest,
  answers: Answers<R>,
  before: PartMemories,
): Promise<void> {
  const parts: PartMemories = {}
  for (const [part, answer] of answers.parts) {
    const memory =
      answer.kind === 'changed'
        ? answer.reading.memory
        : answer.kind === 'unchanged'
          ? answer.memory
          : before[part]
    if (memory !== undefined) parts[part] = memory
  }
  const { elsewhere, bases } = (await readUpstreamMemory(context.refs, mirror.name)) ?? {}
  await writeRecord(context.refs, refNames.upstream(mirror.name), {
    version: 1,
    checked: timestampOf(context.now()),
    settings,
    parts,
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(bases === undefined ? {} : { bases }),
  })
}

/** Remembers where upstream says that its files lie beside the configured URLs; what is not given stays as it was. */
export async function rememberElsewhere(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  places: Pick<UpstreamMemory, 'elsewhere' | 'bases'>,
): Promise<void> {
  const memory = await readUpstreamMemory(context.refs, mirror.name)
  const known = { elsewhere: memory?.elsewhere ?? [], bases: memory?.bases ?? [] }
  if (canonicalJson({ ...known, ...places }) === canonicalJson(known)) return
  await writeRecord(context.refs, refNames.upstream(mirror.name), {
    version: 1,
    settings: '' as Digest,
    parts: {},
    ...memory,
    ...places,
  })
}
