import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { authorityAt } from '../../trust/ca/authority.fixture.ts'
import { newHostId, planHostCertificate, signHostCertificate } from '../../trust/index.ts'
import { statementSignerOf } from '../../trust/pure.ts'
import { validityOf } from './certificate.ts'

const now = Date.UTC(2026, 10, 21, 7)
const [own, other] = [authorityAt(now), authorityAt(now)]
const keyOf = () => statementSignerOf(generateKeyPairSync('ed25519').privateKey).key.public
const key = keyOf()
const plan = planHostCertificate(newHostId(), now)
const certificate = signHostCertificate(own, plan, key)

describe('a certificate from the yard', () => {
  it('is good when one of the authorities that came with it has signed it', () => {
    const answer = { certificate, ca: `${other.certificate}${own.certificate}` }
    expect(validityOf(answer, key).to).toBe(plan.expires)
  })

  it.each([
    ['with no authority', { certificate, ca: '' }, key],
    ['with those of somebody else', { certificate, ca: other.certificate }, key],
    ['with half an authority', { certificate, ca: own.certificate.replace('M', '!') }, key],
    ['for another key', { certificate, ca: own.certificate }, keyOf()],
    ['that is none', { certificate: 'none', ca: own.certificate }, key],
  ])('%s is not taken: nobody could be talked with any more', (_, answer, publicKey) => {
    expect(() => validityOf(answer, publicKey)).toThrow(/cannot be used/)
  })
})
