import { Metadata as Model } from '@tufjs/models'
import { describe, expect, it } from 'vitest'
import { signersOf, signMetadata, textOfMetadata, trustOf } from './metadata.ts'
import { firstRoot } from './rotate.ts'
import { person } from './statements.fixture.ts'

type RootMetadata = ReturnType<typeof firstRoot>
const [ada, ben] = [person('ada'), person('ben')] as const
const [root, other] = [ada, ben].map(one => firstRoot(one, Date.UTC(2026, 10, 21))) as [
  RootMetadata,
  RootMetadata,
]

describe('metadata', () => {
  it('is what the TUF project reads, and what it signs', () => {
    const read = Model.fromJSON('root' as never, JSON.parse(textOfMetadata(root)))
    expect(read.toJSON()).toEqual(JSON.parse(textOfMetadata(root)))
    read.verifyDelegate('root', read)
    expect(() =>
      read.verifyDelegate('root', Model.fromJSON('root' as never, JSON.parse(textOfMetadata(other)))),
    ).toThrow()
  })

  it('counts every key once, and only those that may sign', () => {
    const twice = { ...root, signatures: [...root.signatures, ...root.signatures] }
    expect(signersOf(twice, [ada.key, ben.key])).toEqual([ada.key.keyid])
    expect(signersOf(root, [ben.key])).toEqual([])
    expect(signersOf(signMetadata(root, [ben]), [ada.key, ben.key])).toEqual([ada.key.keyid, ben.key.keyid])
    expect(signMetadata(signMetadata(root, [ben]), [ben]).signatures).toHaveLength(2)
  })

  it.each(['', 'zz', 'a'.repeat(128), 'a'.repeat(126)])('takes no signature from %j', sig => {
    expect(signersOf({ ...root, signatures: [{ keyid: ada.key.keyid, sig }] }, [ada.key])).toEqual([])
  })

  it('knows a key by its own name alone, and none that is no key', () => {
    const listed = root.signed.keys[ada.key.keyid]!
    expect(trustOf({ keyids: ['other'], threshold: 1 }, { other: listed }).keys).toEqual([])
    const cut = { ...listed, keyval: { public: 'abc' } }
    expect(trustOf({ keyids: [ada.key.keyid], threshold: 1 }, { [ada.key.keyid]: cut }).keys).toEqual([])
    expect(trustOf({ keyids: ['constructor'], threshold: 1 }, {}).keys).toEqual([])
  })
})
