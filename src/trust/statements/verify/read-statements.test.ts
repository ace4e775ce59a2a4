import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json, timestampOf } from '../../../model/index.ts'
import { readDepartures, readReleaseStatement, readRolloutStatement } from './read-statements.ts'
import { createYard, start } from './repository.fixture.ts'

const { release, departures, rollout } = createYard()
const bytes = (value: unknown) => Buffer.from(canonicalJson(value as Json))
const kinds = [
  { name: 'release', statement: release, read: readReleaseStatement },
  { name: 'departures', statement: departures, read: readDepartures },
  { name: 'rollout', statement: rollout, read: readRolloutStatement },
] as const

describe.each(kinds)('a statement: $name', ({ statement, read }) => {
  it('is read as it was written, with fields that are not known yet', () => {
    expect(read(bytes(statement))).toEqual(statement)
    expect(read(bytes({ ...statement, more: 1 }))).toEqual({ ...statement, more: 1 })
  })

  it.each(Object.keys(statement))('is not read without %s, nor with something else for it', field => {
    for (const value of [undefined, null, -1, 'x'.repeat(300), [null], { x: [] }])
      if (!(field === 'attempt' && typeof value === 'string'))
        expect(() => read(bytes({ ...statement, [field]: value })), JSON.stringify(value)).toThrow(Error)
  })

  it('is read or refused, whatever it is', () => {
    const paths = fc.constantFrom(...Object.keys(statement))
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.tuple(paths, fc.jsonValue())), input => {
        const text =
          typeof input === 'string' ? input : JSON.stringify({ ...statement, [input[0]]: input[1] })
        try {
          expect(read(Buffer.from(text))).toMatchObject({ version: 1 })
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
          expect(error).not.toBeInstanceOf(TypeError)
        }
      }),
    )
  })

  it('of a later version is refused by its version', () => {
    expect(() => read(bytes({ ...statement, version: 2 }))).toThrow(
      'its version is 2, and this program knows 1',
    )
  })
})

it.each([
  [{ grants: [{ stratum: '', below: 1_000_001 }] }],
  [{ grants: [{ stratum: '', below: 0.5 }] }],
  [{ state: 'started' }],
  [{ onStale: 'explode' }],
  [{ release: { release: timestampOf(start), digest: 'A'.repeat(64) } }],
])('a rollout with %j is refused', change => {
  expect(() => readRolloutStatement(Buffer.from(JSON.stringify({ ...rollout, ...change })))).toThrow(
    /cannot be read/,
  )
})
