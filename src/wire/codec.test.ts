import { expect, it } from 'vitest'
import { byteStringOfText, type Digest, type Name, type Timestamp } from '../model/index.ts'
import { decodeAnswer, encodeAnswer } from './codec.ts'
import type { AnswerOf } from './routes/index.ts'

const name = byteStringOfText('größe')
const version = { suite: '', component: '', architecture: 'noarch', version: '2-1', size: 1 }
const diff = {
  from: { repository: 'base' as Name, timestamp: '20261120T000000Z' as Timestamp },
  to: { repository: 'base' as Name, timestamp: '20261121T000000Z' as Timestamp },
  packages: [
    {
      kind: 'added',
      family: 'rpm',
      name,
      source: name,
      after: { ...version, digest: 'd'.repeat(64) as Digest },
      needs: 'reboot',
      changelog: '- Größer.',
    },
  ],
  count: { added: 1, removed: 0, upgraded: 0, downgraded: 0, rebuilt: 0 },
  removedBytes: 0,
  addedBytes: 1,
  advisories: [
    {
      kind: 'new',
      id: 'EX-1',
      type: 'security',
      severity: '',
      title: 'Zu groß',
      cves: ['CVE-2026-0001'],
      bugs: 0,
      issued: '20261120T000000Z' as Timestamp,
      packages: [{ name, architecture: 'noarch', version: '2-1', needs: 'reboot' }],
    },
  ],
  lostAdvisories: [],
  modules: [
    {
      name: 'größe',
      defaultStream: { after: '1' },
      streams: [{ stream: '1', kind: 'added', addedPackages: ['a'], removedPackages: [] }],
    },
  ],
  notes: ['größer'],
  files: [{ path: name }],
} as AnswerOf<'diff'>

it('a difference leaves as text: names are decoded once, and what is text already stays as it is', () => {
  const sent = encodeAnswer('diff', diff)
  expect(sent).toMatchObject({
    packages: [{ name: 'größe', changelog: '- Größer.' }],
    advisories: [{ title: 'Zu groß', packages: [{ name: 'größe' }] }],
    files: [{ path: 'größe' }],
  })
})

it('what leaves is the same again at the other end, with what nobody described', () => {
  const more = { ...diff, invented: { later: [1] } }
  expect(decodeAnswer('diff', JSON.parse(JSON.stringify(encodeAnswer('diff', more))))).toEqual(more)
  const snapshot = {
    record: {
      version: 1,
      format: 'apt',
      repository: 'debian',
      timestamp: '20261121T000000Z',
      kind: 'mirror',
      files: 'a'.repeat(64),
      packages: 'b'.repeat(64),
      fileCount: 1,
      byteCount: 2,
      packageCount: 3,
      suites: [
        {
          directory: name,
          suite: 'stable',
          origin: name,
          label: '',
          codename: '',
          date: '20261121T000000Z',
          components: ['main'],
          architectures: [],
          trust: { kind: 'trusted' },
        },
      ],
    },
    completeness: {
      totalEntries: 1,
      totalBytes: 2,
      localEntries: 0,
      localBytes: 0,
      lostEntries: 0,
      lostBytes: 0,
    },
  } as never as AnswerOf<'getSnapshot'>
  const sent = encodeAnswer('getSnapshot', snapshot)
  expect(sent).toMatchObject({ repository: 'debian', suites: [{ origin: 'größe' }] })
  expect(decodeAnswer('getSnapshot', JSON.parse(JSON.stringify(sent)))).toEqual(snapshot)
})

it('an answer that is another one is no answer', () => {
  expect(() => decodeAnswer('diff', { hello: 'world' })).toThrow(
    expect.objectContaining({ code: 'unavailable' }),
  )
})
