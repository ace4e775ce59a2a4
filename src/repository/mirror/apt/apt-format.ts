import type { AptUpstream, MirrorConfiguration } from '../../../config/index.ts'
import {
  type AptSnapshot,
  type ByteString,
  type SnapshotRecord,
  type SuiteRecord,
  timestampOf,
} from '../../../model/index.ts'
import { type PartAnswer, readSuite, type SuiteReading } from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'
import type { MirrorFormat } from '../mirror-format.ts'
import type { ListingPlace } from '../surroundings.ts'
import { editPackages } from './edit-packages.ts'
import { metadataFiles, oldMetadata } from './metadata-files.ts'

/** How APT archives are mirrored: their parts are suites. */
export async function aptFormat(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  upstream: AptUpstream,
): Promise<MirrorFormat<SuiteReading>> {
  const { urls, suites, components, architectures, sources, installer, keyring, trusted } = upstream
  return {
    settings: {
      urls,
      suites,
      components,
      architectures,
      sources,
      installer,
      keyring: keyring ?? null,
      trusted,
    },
    partsOf: record => new Map(suitesOf(record).map(({ suite, date }) => [suite, date])),
    async read(memory, signal) {
      const fetcher = await context.fetcher(mirror)
      const keys = await context.keyring(mirror)
      const read = async (suite: ByteString): Promise<[ByteString, PartAnswer<SuiteReading>]> => [
        suite,
        await readSuite(fetcher, {
          object: mirror.name,
          upstream,
          suite,
          keyring: keys,
          memory: memory[suite],
          now: context.now(),
          signal,
        }),
      ]
      return { fetcher, parts: new Map(await Promise.all(suites.map(read))) }
    },
    editPackages: (previous, readings, { fetcher }, signal) =>
      editPackages(context, aptRecord(previous), readings, { suites, fetcher, signal }),
    metadataFiles: (reading, fetcher, _previous, signal) =>
      metadataFiles(context, fetcher, reading, mirror.policy === 'immediate', signal),
    oldMetadata: previous =>
      oldMetadata(
        context,
        previous.files,
        suitesOf(previous).map(({ suite }) => suite),
      ),
    partsRecord: ({ parts }, previous) => ({
      format: 'apt',
      suites: suites.map(suite => suiteRecord(upstream, suite, parts.get(suite)!, previous)),
    }),
    places: () => placesOf(upstream),
  }
}

function aptRecord(record: SnapshotRecord | undefined): AptSnapshot | undefined {
  return record?.format === 'apt' ? record : undefined
}

function suitesOf(record: SnapshotRecord | undefined): SuiteRecord[] {
  return aptRecord(record)?.suites ?? []
}

function placesOf({ suites, components, architectures, installer }: AptUpstream): ListingPlace[] {
  const all =
    components.length === 0
      ? ['']
      : installer
        ? components.flatMap(name => [name, `${name}/debian-installer`])
        : components
  return suites.flatMap(suite =>
    all.flatMap(component =>
      [...architectures, 'all', 'source', ''].map(architecture => ({ suite, component, architecture })),
    ),
  )
}

function suiteRecord(
  { components, architectures }: AptUpstream,
  suite: ByteString,
  answer: PartAnswer<SuiteReading>,
  previous: SnapshotRecord | undefined,
): SuiteRecord {
  if (answer.kind !== 'changed') return suitesOf(previous).find(old => old.suite === suite)!
  const { release, directory, trust } = answer.reading
  return {
    directory,
    suite,
    origin: release.origin,
    label: release.label,
    codename: release.codename,
    date: timestampOf(release.date),
    components,
    architectures,
    trust,
  }
}
