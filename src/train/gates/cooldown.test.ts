import { describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../../model/index.ts'
import { type Arrival, type Cooldown, judgeCooldown } from './cooldown.ts'

const now = Date.UTC(2026, 10, 21, 12)
const day = 86_400
const options: Cooldown = { seconds: 3 * day, urgent: 'Important', suites: ['bookworm-security'] }

function arrival(since: string | undefined, more: Partial<Arrival> = {}): Arrival {
  return {
    repository: 'base' as Name,
    family: 'rpm',
    name: 'nginx',
    architecture: 'x86_64',
    version: '1:1.26-2.fc44',
    since: since as Timestamp | undefined,
    suites: new Set(),
    ...more,
  }
}

function advisory(version: string, arch = 'x86_64', name = 'nginx') {
  const [epoch, rest] = version.split(':')
  const [number, release] = rest!.split('-')
  const one = { name, epoch: epoch!, version: number!, release: release!, arch, src: '', filename: '' }
  const hints = { checksums: [], rebootSuggested: false, restartSuggested: false, reloginSuggested: false }
  return {
    id: 'EX-2026-1',
    collections: [{ short: '', name: '', module: undefined, packages: [{ ...one, ...hints }] }],
  }
}

describe('cooling down', () => {
  it.each<[string, Arrival[], ReturnType<typeof advisory>[], boolean]>([
    ['nothing is new', [], [], true],
    ['public for long enough', [arrival('20261118T120000Z')], [], true],
    ['a second too young', [arrival('20261118T120001Z')], [], false],
    ['nobody knows since when', [arrival(undefined)], [], false],
    ['an urgent advisory names it', [arrival('20261121T000000Z')], [advisory('1:1.26-2.fc44')], true],
    ['it names another version', [arrival('20261121T000000Z')], [advisory('1:1.26-1.fc44')], false],
    [
      'it names another architecture',
      [arrival('20261121T000000Z')],
      [advisory('1:1.26-2.fc44', 'aarch64')],
      false,
    ],
    [
      'it names another package',
      [arrival('20261121T000000Z')],
      [advisory('1:1.26-2.fc44', 'x86_64', 'a')],
      false,
    ],
    [
      'an advisory says nothing of packages for apt',
      [arrival('20261121T000000Z', { family: 'deb' })],
      [advisory('1:1.26-2.fc44')],
      false,
    ],
    [
      'it comes from a suite that need not wait',
      [arrival('20261121T000000Z', { family: 'deb', suites: new Set(['bookworm', 'bookworm-security']) })],
      [],
      true,
    ],
    ['one of two', [arrival('20261101T000000Z'), arrival('20261121T000000Z', { name: 'curl' })], [], false],
  ])('%s', (_, arrivals, urgent, passed) => {
    expect(judgeCooldown(arrivals, urgent, options, now).passed).toBe(passed)
  })

  it('says since when, and how long the youngest must wait', () => {
    const judged = judgeCooldown(
      [arrival('20261120T120000Z'), arrival('20261121T060000Z', { name: 'curl', version: '8-1' })],
      [],
      options,
      now,
    )
    expect(judged).toMatchObject({
      summary: 'too young, public for less than 3 d: 2 of 2 new packages',
      findings: [
        'nginx 1:1.26-2.fc44 (x86_64) of base: since 20261120T120000Z, for 1 d',
        'curl 8-1 (x86_64) of base: since 20261121T060000Z, for 6 h',
      ],
    })
    expect(judged.remedy).toMatch(/^wait another 2 d 18 h/)
  })

  it('tells what need not wait, and why', () => {
    expect(
      judgeCooldown([arrival('20261121T000000Z')], [advisory('1:1.26-2.fc44')], options, now),
    ).toMatchObject({
      passed: true,
      findings: ['nginx 1:1.26-2.fc44 (x86_64) of base need not wait: EX-2026-1'],
    })
  })
})
