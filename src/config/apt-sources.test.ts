import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { debianArchive, parseAptSources } from './apt-sources.ts'

const none = (): undefined => undefined

const deb822 = `Types: deb
# a comment between two fields
URIs: http://mirror.example.org/debian/
Suites: bookworm
# and one within a field
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: http://mirror.example.org/debian-security
Suites: bookworm-security
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`

describe('parseAptSources', () => {
  it('reads deb822 stanzas, comments within fields included', () => {
    expect(parseAptSources('debian.sources', deb822)).toEqual([
      {
        uris: ['http://mirror.example.org/debian/'],
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main'],
        signedBy: ['/usr/share/keyrings/debian-archive-keyring.gpg'],
      },
      {
        uris: ['http://mirror.example.org/debian-security'],
        suites: ['bookworm-security'],
        components: ['main', 'contrib'],
        signedBy: ['/usr/share/keyrings/debian-archive-keyring.gpg'],
      },
    ])
  })

  it('reads one-line entries with and without options', () => {
    const text = `# deb http://no.example.org/debian bookworm main
deb http://mirror.example.org/debian bookworm main contrib # and a comment
deb-src http://mirror.example.org/debian bookworm main
deb [ arch=amd64 signed-by=/etc/apt/keyrings/a.gpg,/etc/apt/keyrings/b.gpg ] https://mirror.example.org/x ./
deb http://mirror.example.org/broken
`
    expect(parseAptSources('sources.list', text)).toEqual([
      {
        uris: ['http://mirror.example.org/debian'],
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        signedBy: [],
      },
      {
        uris: ['https://mirror.example.org/x'],
        suites: ['./'],
        components: [],
        signedBy: ['/etc/apt/keyrings/a.gpg', '/etc/apt/keyrings/b.gpg'],
      },
    ])
  })

  it('leaves out stanzas that are disabled, of sources only, or without a URI', () => {
    const text = ['Enabled: no\n', 'Types: deb-src\n', 'URIs:\n']
      .map(
        field =>
          `${field}${deb822
            .split('\n\n')[0]!
            .split('\n')
            .filter(line => !line.startsWith(field.split(':')[0]!))
            .join('\n')}`,
      )
      .join('\n\n')
    expect(parseAptSources('x.sources', text)).toEqual([])
  })

  it('takes an inlined key for no keyring file', () => {
    const text = `Types: deb\nURIs: http://mirror.example.org/debian\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abcd/ef\n -----END PGP PUBLIC KEY BLOCK-----\n`
    expect(parseAptSources('x.sources', text)[0]!.signedBy).toEqual([])
  })

  it('never throws', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('Types: deb', 'URIs: http://a/', 'Suites: x', ' y', ''),
    )
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('a.list', 'a.sources'), (lines, name) => {
        debianArchive(parseAptSources(name, lines.join('\n')), 'bookworm', none)
      }),
    )
  })
})

describe('debianArchive', () => {
  it("finds the main and the security archive, without the slashes at their URIs' ends", () => {
    expect(debianArchive(parseAptSources('debian.sources', deb822), 'bookworm', none)).toEqual({
      mirrors: ['http://mirror.example.org/debian'],
      securityMirrors: ['http://mirror.example.org/debian-security'],
    })
  })

  it("passes over another vendor's archive that uses Debian's codename", () => {
    const text = `deb [signed-by=/usr/share/keyrings/vendor.gpg] https://vendor.example.org/debian bookworm main
deb https://vendor.example.org/packages bookworm main
deb https://mirror.example.org/debian bookworm main
deb https://mirror.example.org/debian bookworm-updates main
`
    expect(debianArchive(parseAptSources('sources.list', text), 'bookworm', none)).toEqual({
      mirrors: ['https://mirror.example.org/debian'],
      securityMirrors: [],
    })
  })

  it("finds nothing under another release's name, or on media", () => {
    const text = `deb cdrom:[Debian]/ bookworm main
deb file:/srv/debian bookworm main
deb https://mirror.example.org/debian trixie main
`
    const archive = debianArchive(parseAptSources('sources.list', text), 'bookworm', none)
    expect(archive).toEqual({ mirrors: [], securityMirrors: [] })
  })

  it('follows a list of mirrors in its order', () => {
    const text = deb822
      .replace('http://mirror.example.org/debian/', 'mirror+file:///etc/apt/mirrors/debian.list')
      .replaceAll('Signed-By', 'X-Signed-By')
    const lists: Record<string, string> = {
      '/etc/apt/mirrors/debian.list':
        'https://near.example.org/debian/\tpriority:1\n\nhttps://far.example.org/debian\n',
    }
    const archive = debianArchive(parseAptSources('x.sources', text), 'bookworm', file => lists[file])
    expect(archive.mirrors).toEqual(['https://near.example.org/debian', 'https://far.example.org/debian'])
  })
})
