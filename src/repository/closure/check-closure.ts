import { decompressAll, zstdFrame } from '../../formats/index.ts'
import {
  type AptSnapshot,
  type Digest,
  type DnfSnapshot,
  isYardError,
  type SnapshotRecord,
} from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { ClosureVerdict } from './closure-check.ts'
import { architecturesOf, checkApt } from './deb/check.ts'
import { checkDnf } from './dnf/check.ts'
import type { ClosureMemory } from './memory.ts'
import { pauses } from './pause.ts'

/** What a release holds, as a machine sees it: all repositories of a format together. */
export interface ClosureSubject {
  judged: readonly SnapshotRecord[]
  /** Satisfies, and is not judged. */
  beside: readonly SnapshotRecord[]
}

/** A level of zstd: fifteen megabytes take seventy milliseconds, and the next ones would save a twentieth. */
const quick = 1
/** More than what a check of a million packages remembers. */
const mostBytes = 512 * 1024 * 1024

/**
 * Judges whether every package finds what it depends on, one verdict for each kind of machine: of APT repositories that it can be
 * installed, of RPM repositories that every requirement is provided. Other work has its turn meanwhile.
 * @param memory of the last check, whatever that was of: what changed since is looked at, and what that concerns.
 * @throws YardError `damaged`, `not-found` or `invalid` when packages cannot be read; what `signal` was aborted with.
 */
export async function checkClosure(
  context: RepositoryContext,
  subject: ClosureSubject,
  memory: ClosureMemory | undefined,
  signal?: AbortSignal,
): Promise<{ verdicts: ClosureVerdict[]; memory: ClosureMemory }> {
  const pause = pauses(context, signal)
  const blobs: ClosureMemory['blobs'] = { ...memory?.blobs }
  const verdicts: ClosureVerdict[] = []
  const recalling = async (world: string, check: (before: Buffer | undefined) => Promise<Buffer>) => {
    const kept = await again(context, blobs[world], check)
    blobs[world] = await context.blobs.put(await zstdFrame(kept, quick))
  }
  const judgedApt = subject.judged.filter(isApt)
  for (const architecture of architecturesOf(judgedApt))
    await recalling(`apt ${architecture}`, async before => {
      const world = { architecture, judged: judgedApt, beside: subject.beside.filter(isApt) }
      const { verdict, memory } = await checkApt(context, world, before, pause)
      verdicts.push(verdict)
      return memory
    })
  const judgedDnf = subject.judged.filter(isDnf)
  if (judgedDnf.length > 0)
    await recalling('dnf', async before => {
      const world = { judged: judgedDnf, beside: subject.beside.filter(isDnf) }
      const { verdicts: found, memory } = await checkDnf(context, world, before, pause, signal)
      verdicts.push(...found)
      return memory
    })
  return { verdicts, memory: { version: 1, blobs } }
}

/** With what was remembered; without it, where that or a page of those days is gone or cannot be read. */
async function again(
  context: RepositoryContext,
  blob: Digest | undefined,
  check: (before: Buffer | undefined) => Promise<Buffer>,
): Promise<Buffer> {
  if (blob !== undefined && (await context.blobs.size(blob)) !== undefined)
    try {
      const limits = { maxBytes: mostBytes, object: 'the memory of closure checks' }
      return await check(await decompressAll('zstd', await context.blobs.read(blob, mostBytes), limits))
    } catch (error) {
      if (!isYardError(error, 'damaged', 'not-found', 'invalid')) throw error
    }
  return await check(undefined)
}

function isApt(record: SnapshotRecord): record is AptSnapshot {
  return record.format === 'apt'
}

function isDnf(record: SnapshotRecord): record is DnfSnapshot {
  return record.format === 'dnf'
}
