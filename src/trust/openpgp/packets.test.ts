import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPublicKey } from './key-packet.ts'
import { readPackets, writePacket } from './packets.ts'
import { readSignature } from './signature-packet.ts'

const packet = fc.record({ tag: fc.integer({ min: 1, max: 63 }), body: fc.uint8Array({ maxLength: 300 }) })

describe('packets', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(packet), packets => {
        const bytes = Buffer.concat(packets.map(({ tag, body }) => writePacket(tag, body)))
        const expected = packets.map(({ tag, body }) => ({ tag, body: Buffer.from(body) }))
        expect(readPackets(bytes)).toEqual({ packets: expected, fault: undefined })
      }),
    )
  })

  it.each([
    ['old format, one octet', [0x88, 2, 7, 7], 2],
    ['old format, two octets', [0x89, 0, 2, 7, 7], 2],
    ['old format, four octets', [0x8a, 0, 0, 0, 2, 7, 7], 2],
    ['new format, one octet', [0xc2, 2, 7, 7], 2],
    ['new format, two octets', [0xc2, 192, 0, ...Array(192).fill(7)], 192],
    ['new format, five octets', [0xc2, 255, 0, 0, 0, 2, 7, 7], 2],
  ])('have lengths in every form: %s', (_, bytes, length) => {
    const { packets, fault } = readPackets(Buffer.from(bytes))
    expect(fault).toBeUndefined()
    expect(packets).toEqual([{ tag: 2, body: Buffer.alloc(length, 7) }])
  })

  it.each([
    ['a partial length', [0xc2, 0xe1, 7, 7], 'partial length'],
    ['an indeterminate length', [0x8b, 7], 'indeterminate length'],
    ['a length beyond the end', [0xc2, 255, 0xff, 0xff, 0xff, 0xff, 7], 'longer than what follows'],
    ['no more length', [0xc2], 'incomplete'],
    ['no packet', [0x41], 'no packet'],
  ])('that cannot be read are named: %s', (_, bytes, fault) => {
    expect(readPackets(Buffer.from(bytes)).fault).toContain(fault)
  })

  it('of any content are read as keys and signatures, or not at all', () => {
    const version = fc.constantFrom(2, 3, 4, 5, 6)
    fc.assert(
      fc.property(version, fc.uint8Array({ maxLength: 80 }), (first, rest) => {
        const body = Buffer.from([first, ...rest])
        readPublicKey(body)?.keyObject()
        readSignature(body)
      }),
      { numRuns: 3000 },
    )
  })
})
