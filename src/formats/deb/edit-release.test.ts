import { describe, expect, it } from 'vitest'
import { digestOf } from '../../model/index.ts'
import { withReleaseFiles } from './edit-release.ts'
import { parseRelease } from './release.ts'

const digest = digestOf(Buffer.from('x'))
const text = Buffer.from(
  `Origin: Debian
Suite: stable
Date: Sat, 21 Nov 2026 06:45:00 UTC
MD5Sum:
 ${'a'.repeat(32)} 10 main/binary-amd64/Packages
 ${'b'.repeat(32)} 20 main/i18n/Translation-en
SHA256:
 ${'a'.repeat(64)} 10 main/binary-amd64/Packages
 ${'c'.repeat(64)} 30 main/binary-amd64/Packages.diff/Index
 ${'b'.repeat(64)} 20 main/i18n/Translation-en
Description: what it is
`,
)
const isPackages = (path: string) => path.startsWith('main/binary-amd64/Packages')

describe('a Release that names other files', () => {
  it('has the new ones in the place of those that went, and every other byte', () => {
    const written = { path: 'main/binary-amd64/Packages.gz', size: 7, sha256: digest }
    const edited = withReleaseFiles(text, isPackages, [written])
    expect(edited.toString()).toBe(
      `Origin: Debian
Suite: stable
Date: Sat, 21 Nov 2026 06:45:00 UTC
MD5Sum:
 ${'b'.repeat(32)} 20 main/i18n/Translation-en
SHA256:
 ${'b'.repeat(64)} 20 main/i18n/Translation-en
 ${digest} 7 main/binary-amd64/Packages.gz
Description: what it is
`,
    )
    expect(parseRelease(edited, 'Release').files.map(({ path }) => path)).toEqual([
      'main/i18n/Translation-en',
      'main/binary-amd64/Packages.gz',
    ])
  })

  it('keeps no list that has become empty', () => {
    const edited = withReleaseFiles(text, () => true, [{ path: 'x', size: 1, sha256: digest }])
    expect(edited.toString()).not.toContain('MD5Sum')
  })

  it('gets a list of SHA-256 where it had none, and a last line that ends', () => {
    const bare = Buffer.from('Suite: x\nDate: Sat, 21 Nov 2026 06:45:00 UTC\nCodename: y')
    const edited = withReleaseFiles(bare, () => false, [{ path: 'x', size: 1, sha256: digest }])
    expect(edited.toString()).toBe(`${bare}\nSHA256:\n ${digest} 1 x\n`)
  })

  it('is itself when nothing goes and nothing comes', () => {
    expect(withReleaseFiles(text, () => false, [])).toEqual(text)
  })
})
