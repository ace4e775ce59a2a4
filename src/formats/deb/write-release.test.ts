import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Digest, digestOf } from '../../model/index.ts'
import { parseRelease } from './release.ts'
import { resealRelease, writeRelease } from './write-release.ts'

const moment = Date.UTC(2026, 7, 9, 9, 13, 2)
const digest = (text: string): Digest => digestOf(Buffer.from(text))
const fields = {
  origin: 'Ours',
  label: 'Ours',
  suite: 'stable',
  codename: 'web',
  date: moment,
  acquireByHash: true,
  architectures: ['amd64', 'arm64'],
  components: ['main'],
}

describe('a Release file of our own', () => {
  it('is the same text for the same values, files sorted by path', () => {
    const files = [
      { path: 'main/b', size: 5, sha256: digest('b') },
      { path: 'main/a', size: 1234, sha256: digest('a') },
    ]
    expect(writeRelease({ ...fields, validUntil: moment + 86_400_000 }, files).toString('latin1')).toBe(
      `Origin: Ours
Label: Ours
Suite: stable
Codename: web
Date: Sun, 09 Aug 2026 09:13:02 UTC
Valid-Until: Mon, 10 Aug 2026 09:13:02 UTC
Acquire-By-Hash: yes
Architectures: amd64 arm64
Components: main
SHA256:
 ${digest('a')} 1234 main/a
 ${digest('b')}    5 main/b
`,
    )
    expect(writeRelease(fields, files)).toEqual(writeRelease(fields, files.toReversed()))
  })

  it('reads back as it was written', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', '-', '.', '~', '\xe9'),
      minLength: 1,
      maxLength: 9,
    })
    const name = word.map(text => `main/x${text}`)
    const file = fc.record({ path: name, size: fc.maxSafeNat(), sha256: word.map(digest) })
    const release = fc.record({
      origin: word,
      label: word,
      suite: word,
      codename: word,
      description: word,
      date: fc.constant(moment),
      validUntil: fc.option(fc.constant(moment), { nil: undefined }),
      acquireByHash: fc.boolean(),
      architectures: fc.array(word),
      components: fc.array(word),
    })
    const files = fc.uniqueArray(file, { selector: ({ path }) => path })
    fc.assert(
      fc.property(release, files, (written, files) => {
        const read = parseRelease(writeRelease(written, files), 'Release')
        expect(read).toMatchObject({
          ...written,
          files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
        })
      }),
    )
  })

  it('is not written with what would not read back', () => {
    const invalid = expect.objectContaining({ code: 'invalid' })
    expect(() => writeRelease({ ...fields, origin: 'a\nSuite: b' }, [])).toThrow(invalid)
    for (const path of ['a b', '../a', '/a', ''])
      expect(() => writeRelease(fields, [{ path, size: 1, sha256: digest('') }])).toThrow(invalid)
  })
})

describe('a sealed Release', () => {
  const upstream = `Origin: Debian
Suite: oldstable\xff
Date: Wed, 18 Nov 2026 22:17:41 UTC
Valid-Until: Wed, 25 Nov 2026 22:17:41 UTC
X-Odd:   kept
  as it is\t
SHA256:
 ${digest('a')}  1234 main/a
`
  const reseal = (text: string, seal: { date: number; validUntil?: number }) =>
    resealRelease(Buffer.from(text, 'latin1'), seal).toString('latin1')

  it('has another Date, no Valid-Until and Acquire-By-Hash; every other byte stays', () => {
    expect(reseal(upstream, { date: moment })).toBe(
      upstream.replace(
        /^Date.*\nValid-Until.*\n/m,
        'Date: Sun, 09 Aug 2026 09:13:02 UTC\nAcquire-By-Hash: yes\n',
      ),
    )
  })

  it('has the Valid-Until that was asked for', () => {
    expect(reseal(upstream, { date: moment, validUntil: moment + 1000 })).toBe(
      upstream.replace(
        /^Date.*\nValid-Until.*\n/m,
        'Date: Sun, 09 Aug 2026 09:13:02 UTC\nValid-Until: Sun, 09 Aug 2026 09:13:03 UTC\nAcquire-By-Hash: yes\n',
      ),
    )
  })

  it('keeps an Acquire-By-Hash where it stands, and turns a no into a yes', () => {
    const listed = upstream.replace('X-Odd', 'Acquire-By-Hash: yes\nX-Odd')
    const lines = reseal(listed, { date: moment }).split('\n')
    expect(lines.filter(line => !listed.includes(line))).toEqual(['Date: Sun, 09 Aug 2026 09:13:02 UTC'])
    expect(lines.indexOf('Acquire-By-Hash: yes')).toBe(3)
    expect(reseal(listed.replace('Hash: yes', 'hash: NO'), { date: moment })).toBe(
      reseal(listed, { date: moment }),
    )
  })

  it('of a text that ends without a newline is still whole', () => {
    expect(reseal('Suite: x\nDate: Wed, 18 Nov 2026 22:17:41 UTC', { date: moment })).toBe(
      'Suite: x\nDate: Sun, 09 Aug 2026 09:13:02 UTC\nAcquire-By-Hash: yes\n',
    )
  })

  it('names the same files and reads as fresh; sealing again changes only the Date', () => {
    const sealed = resealRelease(Buffer.from(upstream, 'latin1'), { date: moment })
    const before = parseRelease(Buffer.from(upstream, 'latin1'), 'Release')
    expect(parseRelease(sealed, 'Release')).toEqual({
      ...before,
      date: moment,
      validUntil: undefined,
      acquireByHash: true,
    })
    expect(resealRelease(sealed, { date: moment })).toEqual(sealed)
  })

  it('cannot be made of a text without Date', () => {
    expect(() => reseal('Suite: x\nX-Date: y\n', { date: moment })).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
  })
})
