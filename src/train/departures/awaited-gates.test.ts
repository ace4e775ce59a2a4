import { describe, expect, it } from 'vitest'
import type { Digest } from '../../model/index.ts'
import type { TrustedKey } from '../../trust/index.ts'
import { checkEnough } from './awaited-gates.ts'

const key = (owner: string, index: number): TrustedKey => ({
  keyid: `${index}${owner.repeat(8)}` as Digest,
  keytype: 'ed25519',
  scheme: 'ed25519',
  public: '',
  owner,
})
const people = (threshold: number, ...owners: string[]) => ({ threshold, keys: owners.map(key) })
const asked = (wanted: number) => ({ wanted, cutter: 'ada', name: 'web/production' })

describe('approvals by signature', () => {
  it.each([
    [1, people(1, 'ben', 'eve')],
    [2, people(2, 'ben', 'eve')],
    [1, people(2, 'ada', 'ben', 'eve')],
    [2, people(3, 'ada', 'ben', 'eve')],
    [2, people(3, 'ben', 'ben', 'eve')],
    [1, people(3, 'ada', 'ada', 'ben')],
  ])('of %i are certain where so many must sign', (wanted, trust) =>
    expect(() => checkEnough(trust, asked(wanted))).not.toThrow(),
  )

  it.each([
    [2, people(1, 'ben', 'eve')],
    [1, people(1, 'ada', 'ben')],
    [2, people(2, 'ada', 'ben', 'eve')],
    [1, people(2, 'ada', 'ada', 'ben')],
    [2, people(2, 'ben', 'ben', 'eve')],
  ])('of %i are not, where fewer may, or whoever cut the release', (wanted, trust) =>
    expect(() => checkEnough(trust, asked(wanted))).toThrow(/enough for its statement/),
  )
})
