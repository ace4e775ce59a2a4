import { describe, expect, it } from 'vitest'
import type { AptSnapshot, DnfSnapshot, SnapshotRecord } from '../../model/index.ts'
import { anchorPaths, releasedRepository } from './release-statement.ts'

const apt = (...directories: string[]) =>
  ({ format: 'apt', suites: directories.map(directory => ({ directory })) }) as unknown as AptSnapshot
const dnf = (...directories: string[]) =>
  ({ format: 'dnf', repodata: directories.map(directory => ({ directory })) }) as unknown as DnfSnapshot

describe('the files from which a package manager goes on', () => {
  it.each<[string, SnapshotRecord, string[]]>([
    [
      'Release files of every suite',
      apt('dists/bookworm', 'dists/bookworm-updates'),
      [
        'dists/bookworm/InRelease',
        'dists/bookworm/Release',
        'dists/bookworm-updates/InRelease',
        'dists/bookworm-updates/Release',
      ],
    ],
    ['those of a flat repository', apt(''), ['InRelease', 'Release']],
    ['repomd.xml', dnf(''), ['repodata/repomd.xml']],
    ['that of a variant too', dnf('', 'Server'), ['repodata/repomd.xml', 'Server/repodata/repomd.xml']],
  ])('are %s', (_, record, paths) => expect(anchorPaths(record)).toEqual(paths))

  it('are told with the trees of the snapshot, by its name', () => {
    const record = {
      format: 'apt',
      repository: 'web.debian',
      timestamp: '20261121T070000Z',
      files: 'f'.repeat(64),
      packages: 'a'.repeat(64),
      fileCount: 12,
      suites: [],
    } as unknown as SnapshotRecord
    expect(releasedRepository(record, {})).toEqual({
      format: 'apt',
      snapshot: { repository: 'web.debian', timestamp: '20261121T070000Z' },
      files: 'f'.repeat(64),
      packages: 'a'.repeat(64),
      anchors: {},
    })
  })
})
