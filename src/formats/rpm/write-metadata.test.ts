import { describe, expect, it } from 'vitest'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { createRepository, everyKindOfPackage } from './createrepo.fixture.ts'
import { createFragmentScanner } from './fragments.ts'
import { identityOf } from './primary.ts'
import { withLocation } from './write-metadata.ts'

const fragment = `<package type="rpm">
  <name>tool</name><arch>noarch</arch>
  <version epoch="1" ver="2" rel="3"/>
  <checksum type="sha256" pkgid="YES">${'0123456789abcdef'.repeat(4)}</checksum>
  <size package="123" installed="5" archive="6"/>
  <location href="Packages/tool-2-3.noarch.rpm"/>
</package>`
const identify = (text: string) => identityOf(Buffer.from(text, 'latin1'), 'primary.xml')

describe('a package that lies elsewhere', () => {
  const move = (text: string, href: string) =>
    withLocation(Buffer.from(text, 'latin1'), href, 'x').toString('latin1')

  it('has another location in its fragment, and no base; every other byte stays', () => {
    const odd = fragment.replace(
      '<location ',
      '<!-- <location href="a"/> --><new>\xe9</new><location  xml:base = "http://x/"  ',
    )
    expect(move(odd, 'p/1.rpm')).toBe(odd.replace(/<location {2}xml.*\/>/, '<location href="p/1.rpm"/>'))
    expect(identify(move(odd, 'p/1.rpm')).base).toBeUndefined()
  })

  it('has a location that is escaped as createrepo_c would', () => {
    expect(identify(move(fragment, 'a&b"<\xc3\xa9.rpm')).href).toBe('a&b"<\xc3\xa9.rpm')
  })

  it('keeps what its <location> says beside', () => {
    const text = fragment.replace(/<location.*/, `<location\nx:y='1"' href='a'></location>`)
    expect(move(text, 'b')).toBe(text.replace(/<location[\s\S]*?>/, '<location href="b" x:y="1&quot;">'))
  })

  it('is the same when it lies where it lay', () => {
    const options = { document: 'primary', maxFragmentBytes: 1 << 20, object: 'primary.xml' } as const
    const written = createFragmentScanner(options).push(createRepository(everyKindOfPackage).primary)
    for (const one of written)
      expect(withLocation(one, identityOf(one, 'x').href, 'x').toString('latin1')).toBe(
        one.toString('latin1'),
      )
    expect(written).toHaveLength(everyKindOfPackage.length)
  })

  it.each([
    ['none', fragment.replace(/<location.*/, '')],
    ['two', fragment.replace(/<location.*/, '$&$&')],
  ])('has one location before, not %s', (_, text) => {
    expect(() => move(text, 'x')).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it('is rewritten or refused with a YardError, whatever the damage', async () => {
    await expectOnlyYardErrors(
      [Buffer.from(fragment)],
      async damaged => withLocation(damaged, 'b.rpm', 'x'),
      1000,
    )
  })
})
