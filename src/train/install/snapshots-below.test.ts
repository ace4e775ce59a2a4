import { expect, it } from 'vitest'
import type { SnapshotName, SnapshotRecord } from '../../model/index.ts'
import { snapshotsBelow } from './snapshots-below.ts'

const recordOf = (name: string, inputs: string[] = [], derived?: string) => {
  const [repository, timestamp] = name.split('@')
  return {
    repository,
    timestamp,
    inputs: inputs.map(nameOf),
    ...(derived === undefined ? {} : { derived: { repository: derived, packages: [], sources: [] } }),
  } as unknown as SnapshotRecord
}
const nameOf = (name: string) => {
  const [repository, timestamp] = name.split('@')
  return { repository, timestamp } as unknown as SnapshotName
}

const listed = [
  recordOf('debian@1'),
  recordOf('debian@2'),
  recordOf('security@1'),
  recordOf('inner@1', ['debian@1', 'security@1']),
  recordOf('slice@1', ['inner@1', 'debian@1', 'gone@1']),
  recordOf('slice@2', ['debian@2']),
  recordOf('web.slice@3', ['slice@1', 'slice@2'], 'slice'),
  recordOf('web.slice@4', ['web.slice@3', 'slice@2'], 'slice'),
]
const below = async (...names: string[]) => {
  const records = names.map(name => listed.find(one => `${one.repository}@${one.timestamp}` === name)!)
  const found = await snapshotsBelow(records, async ({ repository, timestamp }) =>
    listed.find(one => one.repository === repository && one.timestamp === timestamp),
  )
  return found.map(({ repository, timestamp }) => `${repository}@${timestamp}`).sort()
}

it('goes down to the mirrors, each once, past what is not listed any more', async () => {
  expect(await below('debian@1')).toEqual([])
  expect(await below('slice@1')).toEqual(['debian@1', 'inner@1', 'security@1'])
  expect(await below('slice@1', 'inner@1')).toEqual(['debian@1', 'security@1'])
})

it('leaves out what is there itself, as it is in the release', async () => {
  expect(await below('slice@2', 'debian@1')).toEqual([])
})

it('takes a derived snapshot for the one that it changes a little', async () => {
  expect(await below('web.slice@4')).toEqual(['debian@1', 'inner@1', 'security@1'])
})
