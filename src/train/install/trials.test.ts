import { expect, it } from 'vitest'
import { trialsOf } from './trials.ts'

const set = { name: 'web', packages: ['nginx'] }
const told = (wanted: Parameters<typeof trialsOf>[1]) =>
  trialsOf([set], wanted).map(({ steps }) => steps.map(({ verb, to }) => `${verb} ${to}`).join(', '))

it('tries every set from nothing, and from the release of the channel there and back', () => {
  expect(told({ upgrade: true, downgrade: true, hasCurrent: true })).toEqual([
    'install candidate',
    'install current, upgrade candidate, downgrade current',
  ])
  expect(
    trialsOf([set, { ...set, name: 'db' }], { upgrade: true, downgrade: true, hasCurrent: true }),
  ).toHaveLength(4)
})

it('leaves out what is not asked for, or cannot be', () => {
  expect(told({ upgrade: true, downgrade: true, hasCurrent: false })).toEqual(['install candidate'])
  expect(told({ upgrade: false, downgrade: false, hasCurrent: true })).toEqual(['install candidate'])
  expect(told({ upgrade: true, downgrade: false, hasCurrent: true })).toEqual([
    'install candidate',
    'install current, upgrade candidate',
  ])
  expect(told({ upgrade: false, downgrade: true, hasCurrent: true })).toEqual([
    'install candidate, downgrade current',
  ])
})
