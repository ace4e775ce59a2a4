import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError, machineDigest } from '../../model/index.ts'
import { openEnrolmentRequest, openRenewalRequest } from './enrolment.ts'
import { sealEnvelope } from './envelope.ts'
import { statementSignerOf } from './statement-key.ts'

const signer = statementSignerOf(generateKeyPairSync('ed25519').privateKey)
const other = statementSignerOf(generateKeyPairSync('ed25519').privateKey)
const boot = '0f1e2d3c-4b5a-4968-8776-655443322110'
const enrolment = {
  version: 1,
  token: 'swyh_web_x',
  public: signer.key.public,
  machine: machineDigest('id', signer.key.public),
  boot,
}
const { token: _, ...rest } = enrolment
const renewal = { ...rest, host: 'a'.repeat(32), counter: 7, late: false }
const text = (kind: 'enrolment' | 'renewal', stated: object, by = signer) =>
  JSON.stringify(sealEnvelope(kind, stated, [by]))

describe('a request', () => {
  it('is what the key in it has signed', () => {
    expect(openEnrolmentRequest(text('enrolment', enrolment))).toEqual({
      request: enrolment,
      key: signer.key,
    })
    expect(openRenewalRequest(text('renewal', renewal))).toEqual({ request: renewal, key: signer.key })
  })

  it('is none that another key signed, or that was signed as something else', () => {
    expect(() => openEnrolmentRequest(text('enrolment', enrolment, other))).toThrow(/0 of 1 keys/)
    expect(() => openEnrolmentRequest(text('renewal', enrolment))).toThrow(/it is no enrolment/)
    expect(() => openRenewalRequest(text('enrolment', renewal))).toThrow(/it is no renewal/)
  })

  it.each<[string, object]>([
    ['holds no key', { public: undefined }],
    ['holds no key', { public: 'A'.repeat(64) }],
    ['of another version', { version: 2 }],
    ['no digest of the machine', { machine: 'x' }],
    ['no boot id', { boot: '../../etc' }],
    ['no boot id', { boot: boot.toUpperCase() }],
    ['no token', { token: 1 }],
    ['no token', { token: 'x'.repeat(301) }],
  ])('for enrolment is refused: %s', (why, changes) => {
    expect(() => openEnrolmentRequest(text('enrolment', { ...enrolment, ...changes }))).toThrow(why)
  })

  it.each<[string, object]>([
    ['names no host', { host: 'web' }],
    ['names no host', { host: ['a'.repeat(32)] }],
    ['has no counter', { counter: -1 }],
    ['has no counter', { counter: '7' }],
    ['does not say whether it is late', { late: undefined }],
  ])('for renewal is refused: %s', (why, changes) => {
    expect(() => openRenewalRequest(text('renewal', { ...renewal, ...changes }))).toThrow(why)
  })

  it('is read or refused, whatever came', () => {
    const good = text('enrolment', enrolment)
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, bytes]) => good.slice(0, at) + bytes + good.slice(at + bytes.length))
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), damaged), text => {
        try {
          expect(openEnrolmentRequest(text).request).toEqual(enrolment)
        } catch (error) {
          expect(isYardError(error, 'untrusted'), String(error)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
