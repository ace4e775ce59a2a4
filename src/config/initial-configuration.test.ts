import { describe, expect, it } from 'vitest'
import type { Configuration } from './configuration.ts'
import { initialConfiguration } from './initial-configuration.ts'
import { readConfiguration } from './read-configuration.ts'
import { boolean } from './shape.ts'
import { file } from './written.fixture.ts'

const read = (text: string): Configuration =>
  readConfiguration(file, text, { closure: { options: boolean, bare: true, help: '' } })

describe('initialConfiguration', () => {
  const wish = {
    codename: 'bookworm',
    architecture: 'amd64',
    mirrors: ['http://mirror.example.org/debian'],
    securityMirrors: ['http://mirror.example.org/debian-security'],
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
    packages: ['nginx', 'openssh-server', 'curl'],
  }

  it('writes a file that reads as Debian, its security archive, a slice of both, and a train of that', () => {
    const { repositories, trains } = read(initialConfiguration(wish))
    expect([...repositories.keys()]).toEqual(['debian', 'security', 'base'])
    expect(repositories.get('debian' as never)).toMatchObject({
      policy: 'on-demand',
      upstream: { urls: wish.mirrors, suites: ['bookworm', 'bookworm-updates'], keyring: wish.keyring },
    })
    expect(repositories.get('base' as never)).toMatchObject({
      policy: 'immediate',
      from: ['debian', 'security'],
      include: wish.packages.map(glob => ({ kind: 'package', glob })),
      withDependencies: true,
      versions: 1,
      architectures: ['amd64'],
      output: { format: 'apt', suite: 'bookworm' },
    })
    expect(trains.get('web' as never)).toMatchObject({
      repositories: ['base'],
      channels: new Map([
        ['staging', expect.objectContaining({ after: undefined, gates: [] })],
        [
          'production',
          expect.objectContaining({ after: 'staging', gates: [{ gate: 'closure', options: true }] }),
        ],
      ]),
    })
  })

  it('keeps every character of a mirror and of a path', () => {
    const odd = {
      ...wish,
      mirrors: ['https://[::1]:80/a#"b', 'http://x/%20 y'],
      keyring: '/a b/{c}: #d".gpg',
    }
    expect(() => read(initialConfiguration(odd))).toThrow(/2 mistakes/)
    const quoted = {
      ...wish,
      mirrors: ["http://[::1]:80/it's,{x}", 'http://b/'],
      keyring: '/a b/{c}: #d".gpg',
    }
    expect(read(initialConfiguration(quoted)).repositories.get('debian' as never)).toMatchObject({
      upstream: { urls: ["http://[::1]:80/it's,{x}", 'http://b'], keyring: '/a b/{c}: #d".gpg' },
    })
  })
})
