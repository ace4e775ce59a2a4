import { expect, it } from 'vitest'
import { byteStringOfText, type Digest, type Name, type Timestamp } from '../model/index.ts'
import { encodeDiff } from './encode.ts'
import { snapshotDiff } from './schemas.ts'

it('a difference leaves as text: names are decoded once, and what is text already stays as it is', () => {
  const name = byteStringOfText('größe')
  const version = { suite: '', component: '', architecture: 'noarch', version: '2-1', size: 1 }
  const answer = encodeDiff({
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
    modules: [
      {
        name: 'größe',
        defaultStream: { after: '1' },
        streams: [{ stream: '1', kind: 'added', addedPackages: ['a'], removedPackages: [] }],
      },
    ],
    notes: ['größer'],
    files: [{ path: name }],
  })
  expect(snapshotDiff.parse(answer)).toEqual(answer)
  expect(answer.packages[0]).toMatchObject({ name: 'größe', changelog: '- Größer.' })
  expect(answer.advisories[0]).toMatchObject({ title: 'Zu groß', packages: [{ name: 'größe' }] })
  expect(answer.files).toEqual([{ path: 'größe' }])
})
