import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../model/index.ts'
import { decodePackageKey, encodePackageKey, packagePrefix } from './package-key.ts'

const key = {
  family: 'deb',
  suite: 'bookworm',
  component: 'main',
  architecture: 'amd64',
  name: 'libstdc++6',
  version: '1:12.2.0-14+deb12u1~x',
  digest: digestOf(Buffer.from('a package')),
}

describe('the key of a package', () => {
  it('comes back as it was, for any bytes but NUL', () => {
    const part = fc
      .uint8Array({ maxLength: 12 })
      .map(bytes => Buffer.from(bytes.filter(byte => byte !== 0)).toString('latin1'))
    fc.assert(
      fc.property(
        part,
        part,
        part,
        part,
        part,
        part,
        (family, suite, component, architecture, name, version) => {
          const any = { family, suite, component, architecture, name, version, digest: key.digest }
          expect(decodePackageKey(encodePackageKey(any))).toEqual(any)
        },
      ),
    )
  })

  it('begins with the prefix of its leading parts, which no longer name shares', () => {
    const encoded = encodePackageKey(key)
    expect(packagePrefix('deb')).toBe('deb\0')
    expect(packagePrefix('deb', '', 'main')).toBe('deb\0\0main\0')
    expect(encoded.startsWith(packagePrefix('deb', 'bookworm'))).toBe(true)
    expect(encoded.startsWith(packagePrefix('deb', 'bookworm', 'main', 'amd64', 'libstdc++6'))).toBe(true)
    expect(encoded.startsWith(packagePrefix('deb', 'bookworm', 'main', 'amd64', 'libstdc++'))).toBe(false)
  })

  it('has no part with a NUL', () => {
    expect(() => encodePackageKey({ ...key, name: 'a\0b' })).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
    expect(() => packagePrefix('deb', 'a\0b')).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it.each(['', 'deb\0bookworm', `${encodePackageKey(key)}\0`, encodePackageKey(key).slice(0, -1)])(
    'is not %j',
    wrong => {
      expect(() => decodePackageKey(wrong)).toThrow(expect.objectContaining({ code: 'damaged' }))
    },
  )
})
