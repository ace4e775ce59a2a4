import { X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { authorityAt } from '../../trust/ca/authority.fixture.ts'
import type { OpenYard } from '../../yard/index.ts'
import { createServerIdentity } from './server-certificate.ts'

const day = 86_400_000
const start = Date.UTC(2026, 10, 21, 6, 45)

it("the server's certificate is the same for a month, and is made anew then and for another CA", async () => {
  let now = start
  const authorities = [authorityAt(start)]
  const hosts = { authorities: async () => authorities } as unknown as OpenYard['hosts']
  const identity = createServerIdentity({ hosts }, 'yard.example.org', () => now)
  const first = await identity()
  const certificate = new X509Certificate(first.cert)
  expect(certificate.checkHost('yard.example.org')).toBe('yard.example.org')
  expect(certificate.verify(authorities[0]!.publicKey)).toBe(true)
  now = start + 29 * day
  expect(await identity()).toBe(first)
  now = start + 31 * day
  const second = await identity()
  expect(second.cert).not.toBe(first.cert)
  expect(new X509Certificate(second.cert).validToDate.getTime()).toBe(now + 90 * day)
  authorities.push(authorityAt(now))
  const third = await identity()
  expect(third.ca).toEqual(authorities.map(({ certificate }) => certificate))
  expect(new X509Certificate(third.cert).verify(authorities[0]!.publicKey)).toBe(true)
})

it('a clock that went back by years brings a new one, which begins in its time', async () => {
  let now = start
  const authority = authorityAt(start - 3 * 365 * day)
  const hosts = { authorities: async () => [authority] } as unknown as OpenYard['hosts']
  const identity = createServerIdentity({ hosts }, '192.0.2.7', () => now)
  await identity()
  now = start - 2 * 365 * day
  const { cert } = await identity()
  expect(new X509Certificate(cert).validFromDate.getTime()).toBe(now - day)
})
