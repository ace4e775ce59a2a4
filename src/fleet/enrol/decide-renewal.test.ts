import { describe, expect, it } from 'vitest'
import type { HostRecord } from '../../catalog/index.ts'
import { type HostId, type Name, timestampOf } from '../../model/index.ts'
import type { CertifiedHost } from '../../trust/index.ts'
import type { RenewalRequest } from '../../trust/pure.ts'
import { decideRenewal } from './decide-renewal.ts'
import { bootOf, createMachine } from './machine.fixture.ts'

const machine = createMachine()
const id = 'a'.repeat(32) as HostId
const host: HostRecord = {
  id,
  public: machine.publicKey,
  state: 'enrolled',
  train: 'web' as Name,
  channel: 'production' as Name,
  labels: {},
  rankGroup: id,
  counter: 1,
  machine: machine.machine,
  boots: [{ boot: bootOf(1), first: 5, last: 9 }],
  token: 'web' as Name,
  enrolled: timestampOf(0),
}
const caller: CertifiedHost = { host: id, serial: '4a', public: machine.publicKey, validity: 'good' }
const decide = (
  changes: Partial<RenewalRequest> = {},
  known: HostRecord | undefined = host,
  who: CertifiedHost = caller,
  counter = 10,
) => decideRenewal(machine.renewal(id, counter, changes), who, known)

describe('a certificate is renewed', () => {
  it('for the host that shows it, and its boot is remembered', () => {
    expect(decide()).toEqual({
      outcome: 'granted',
      host: { ...host, boots: [{ boot: bootOf(1), first: 5, last: 10 }] },
    })
    expect(decide({ boot: bootOf(2) })).toMatchObject({
      host: { boots: [...host.boots, { boot: bootOf(2), first: 10, last: 10 }] },
    })
  })

  it('after it expired for a host that could have no fresh statement, and for no other', () => {
    const late: CertifiedHost = { ...caller, validity: 'late' }
    expect(decide({ late: true }, host, late)).toMatchObject({ outcome: 'granted' })
    expect(decide({}, host, late)).toMatchObject({ outcome: 'refused', error: { code: 'unauthenticated' } })
  })
})

describe('a certificate is not renewed', () => {
  it.each<[string, ReturnType<typeof decide>, RegExp]>([
    [
      'for another host',
      decide({ host: 'b'.repeat(32) as HostId }),
      /may not ask for the certificate of bbbb/,
    ],
    ['for another key', decide({ public: createMachine().publicKey }), /another key than its own/],
    [
      'for a host that nobody knows',
      decideRenewal(machine.renewal(id, 10), caller, undefined),
      /not known here/,
    ],
    [
      'for one that was revoked',
      decide({}, { ...host, state: 'revoked', why: 'stolen' }),
      /was revoked: stolen/,
    ],
    ['for one in quarantine', decide({}, { ...host, state: 'quarantined', why: 'odd' }), /quarantined: odd/],
    ['for one that has another key by now', decide({}, { ...host, public: 'c'.repeat(64) }), /enrolled anew/],
  ])('%s', (_, decision, message) => {
    expect(decision).toMatchObject({ outcome: 'refused', error: { message: expect.stringMatching(message) } })
  })
})

describe('two machines with one key are noticed', () => {
  it.each<[string, ReturnType<typeof decide>]>([
    ['by the machine', decide({ machine: createMachine().machine })],
    ['by a boot that counts where another one did', decide({ boot: bootOf(2) }, host, caller, 7)],
    [
      'by an earlier boot that goes on',
      decide({}, { ...host, boots: [...host.boots, { boot: bootOf(2), first: 11, last: 12 }] }, caller, 13),
    ],
  ])('%s', (_, decision) => {
    expect(decision).toMatchObject({ outcome: 'cloned', host: { id }, error: { code: 'refused' } })
  })

  it('and a quarantined one stays what it is', () => {
    const known: HostRecord = { ...host, state: 'quarantined', why: 'odd' }
    expect(decide({ boot: bootOf(2) }, known, caller, 7)).toMatchObject({ outcome: 'refused' })
  })
})
