import { execFileSync, spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { compareDebianVersions, parseDebianVersion } from './debian.ts'

const sign = (order: number) => Math.sign(order)

function isVersion(text: string): boolean {
  try {
    parseDebianVersion(text)
    return true
  } catch (error) {
    if (isYardError(error, 'invalid')) return false
    throw error
  }
}

/** Versions as dpkg allows them, with few letters, so that neighbours and equals are common. */
const part = (signs: string) => fc.string({ unit: fc.constantFrom(...`00129aZ${signs}`), maxLength: 8 })
const version = fc
  .tuple(
    fc.constantFrom('', '', '0:', '1:', '00:', '12:'),
    fc.nat(12).map(String),
    part('~~+..-'),
    fc.option(part('~+.').filter(text => text !== '')),
  )
  .map(([epoch, digit, rest, revision]) => epoch + digit + rest + (revision === null ? '' : `-${revision}`))
  .filter(isVersion)

describe('the order of Debian versions', () => {
  it.each([
    ['1.0', '1.0', 0],
    ['1.0', '1.0-0', 0],
    ['1.0', '0:1.0', 0],
    ['1.0~rc1', '1.0', -1],
    ['1.0~~', '1.0~', -1],
    ['1.0~~a', '1.0~', -1],
    ['1.0a', '1.0', 1],
    ['1.0a', '1.0+', -1],
    ['1.0', '1.00', 0],
    ['1.9', '1.10', -1],
    ['1:0.1', '9999', 1],
    ['1-2-3', '1-2-4', -1],
    ['1.0-1~bpo12+1', '1.0-1', -1],
    ['1.18446744073709551616', '1.18446744073709551617', -1],
  ])('of %s and %s is %i', (a, b, order) => {
    expect(sign(compareDebianVersions(a, b))).toBe(order)
    expect(sign(compareDebianVersions(b, a)) + order).toBe(0)
  })

  it('is that of dpkg', () => {
    const [versions] = fc.sample(fc.array(version, { minLength: 10, maxLength: 10 }), 1)
    for (const a of versions!)
      for (const b of versions!.slice(0, 5)) {
        const ask = (operator: string) =>
          spawnSync('dpkg', ['--compare-versions', a, operator, b]).status === 0
        expect([a, b, sign(compareDebianVersions(a, b))]).toEqual([a, b, ask('lt') ? -1 : ask('eq') ? 0 : 1])
      }
  })

  it('is that of apt, for ten thousands of pairs', () => {
    const pairs = fc.sample(fc.tuple(version, version), 30_000)
    const orders = askApt(
      'for line in sys.stdin: print(apt_pkg.version_compare(*line.split()))',
      pairs.map(pair => pair.join(' ')).join('\n'),
    )
    const ours = pairs.map(([a, b]) => `${a} ${b} ${sign(compareDebianVersions(a, b))}`)
    expect(ours).toEqual(pairs.map(([a, b], i) => `${a} ${b} ${sign(Number(orders[i]))}`))
  })

  it('is total over any bytes', () => {
    const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code)) })
    const anything = fc.oneof(
      version,
      bytes,
      fc.string({ unit: fc.constantFrom('0', '1', 'a', '~', ':', '-') }),
    )
    fc.assert(
      fc.property(anything, anything, anything, (a, b, c) => {
        const order = compareDebianVersions(a, b)
        expect(sign(compareDebianVersions(b, a)) + sign(order)).toBe(0)
        expect(compareDebianVersions(a, a)).toBe(0)
        if (order <= 0 && compareDebianVersions(b, c) <= 0)
          expect(compareDebianVersions(a, c)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a Debian version', () => {
  it('has an epoch, an upstream version and a revision', () => {
    expect(parseDebianVersion('1:2.3-4~a-5')).toEqual({ epoch: 1, upstream: '2.3-4~a', revision: '5' })
    expect(parseDebianVersion('2.3')).toEqual({ epoch: 0, upstream: '2.3', revision: '' })
    expect(parseDebianVersion('0:1:2')).toEqual({ epoch: 0, upstream: '1:2', revision: '' })
  })

  it.each([
    '',
    '1:',
    ':1',
    'a:1',
    '2147483648:1',
    '1.0-',
    '-1',
    '1:-1',
    'v1',
    '1.0_1',
    '1.0-a_b',
    '1 0',
    '1é',
    '+1:2',
  ])('is not %j', text => {
    expect(isVersion(text)).toBe(false)
    expect(() => parseDebianVersion(text)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it('is one exactly where dpkg finds no fault', () => {
    const texts = fc.sample(fc.string({ unit: fc.constantFrom(...'01aZ.~-:+_ '), maxLength: 7 }), 150)
    for (const text of texts.filter(text => !/^[-+ ]|:.*[ ]|[ ]$|^$/.test(text))) {
      const { status } = spawnSync('dpkg', ['--validate-version', text])
      expect([text, isVersion(text)]).toEqual([text, status === 0])
    }
  })

  it('is refused only with a YardError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        try {
          parseDebianVersion(text)
        } catch (error) {
          expect(isYardError(error, 'invalid')).toBe(true)
        }
      }),
    )
  })
})

function askApt(program: string, input: string): string[] {
  const script = `import sys, apt_pkg; apt_pkg.init_system()\n${program}`
  const output = execFileSync('/usr/bin/python3', ['-c', script], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return output.trimEnd().split('\n')
}
