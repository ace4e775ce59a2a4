import { describe, expect, it } from 'vitest'
import { sourceOfListing, sourcePackageOf } from './rpm-listings.ts'

const fragment = (sourceRpm: string, { description = 'A package.', name = 'libapp' } = {}) =>
  Buffer.from(
    `<package type="rpm"><name>${name}</name><arch>x86_64</arch><version epoch="0" ver="2" rel="1"/>` +
      `<checksum type="sha256" pkgid="YES">${'a'.repeat(64)}</checksum><description>${description}</description>` +
      `<size package="1"/><location href="a.rpm"/><format>${sourceRpm}</format></package>`,
  )
const named = (file: string) => `<rpm:sourcerpm>${file}</rpm:sourcerpm>`

describe('the source package of a listed RPM', () => {
  it('has the name, version and release of its file name, in which the name may have hyphens', () => {
    expect(sourcePackageOf(fragment(named('app-server-1.2-3.fc41.src.rpm')), 'primary')).toEqual({
      name: 'app-server',
      version: '1.2-3.fc41',
    })
    expect(sourceOfListing(fragment(named('app-1-2.nosrc.rpm')), 'primary')).toBe('app')
  })

  it('is the package itself where none is named, or what is named is no source package', () => {
    for (const nothing of ['', '<rpm:sourcerpm/>', named(''), named('app.rpm')]) {
      expect(sourcePackageOf(fragment(nothing), 'primary')).toBeUndefined()
      expect(sourceOfListing(fragment(nothing), 'primary')).toBe('libapp')
    }
  })

  it.each([
    ['in a description', `<![CDATA[${named('bad-1-1.src.rpm')}]]>`, named('app-1-2.src.rpm')],
    ['in a comment', `<!-- ${named('bad-1-1.src.rpm')} -->`, named('app-1-2.src.rpm')],
    ['with an entity', 'A package.', named('&#97;pp-1-2.src.rpm')],
    ['in CDATA itself', 'A package.', named('<![CDATA[app-1-2.src.rpm]]>')],
    ['with blanks', 'A package.', '<rpm:sourcerpm >app-1-2.src.rpm</rpm:sourcerpm>'],
  ])('is found where it is written oddly: %s', (_, description, sourceRpm) => {
    expect(sourcePackageOf(fragment(sourceRpm, { description }), 'primary')).toEqual({
      name: 'app',
      version: '1-2',
    })
  })
})
