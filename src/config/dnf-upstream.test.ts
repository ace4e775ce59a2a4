import { describe, expect, it } from 'vitest'
import type { MirrorConfiguration } from './configuration.ts'
import { messageFor, repositoryOf } from './written.fixture.ts'

/** A file with one mirror of an RPM repository, correct but for the given lines. */
function dnfFile(changes: Record<string, string | undefined> = {}): string {
  const keys = {
    format: 'dnf',
    url: 'https://mirror.example.org/base',
    verify: 'metadata',
    keyring: 'keys/base.asc',
    ...changes,
  }
  const lines = Object.entries(keys).filter(([, value]) => value !== undefined)
  return `repositories:\n  base:\n    upstream:\n${lines.map(([key, value]) => `      ${key}: ${value}\n`).join('')}`
}

function upstreamOf(changes: Record<string, string | undefined>) {
  return (repositoryOf(dnfFile(changes), 'base') as MirrorConfiguration).upstream
}

const metalink = 'https://mirror.example.org/metalink?repo=base&arch=x86_64'
const byMetalink = { url: undefined, metalink, verify: 'metalink', keyring: undefined }

describe('an upstream for dnf', () => {
  it('has every default filled in', () => {
    expect(repositoryOf(dnfFile(), 'base')).toEqual({
      kind: 'mirror',
      name: 'base',
      position: '/etc/yard/switchyard.yaml:2',
      policy: 'on-demand',
      seed: [],
      fallback: [],
      upstream: {
        format: 'dnf',
        urls: ['https://mirror.example.org/base'],
        mirrors: undefined,
        verify: 'metadata',
        kickstart: false,
        keyring: '/etc/yard/keys/base.asc',
        trusted: false,
        transport: {
          concurrency: 8,
          rateLimit: undefined,
          attempts: 4,
          connectTimeoutSeconds: 10,
          idleTimeoutSeconds: 30,
          proxy: undefined,
          basicAuth: undefined,
          headers: [],
          clientCertificate: undefined,
          certificateAuthority: undefined,
        },
      },
    })
  })

  it('is found through a metalink over TLS, which vouches for it', () => {
    expect(upstreamOf(byMetalink)).toMatchObject({
      urls: [],
      mirrors: { kind: 'metalink', url: metalink },
      verify: 'metalink',
      keyring: undefined,
    })
  })

  it('is found through a list of mirrors, whose query is kept', () => {
    const mirrorlist = 'http://mirror.example.org/mirrorlist?repo=base'
    expect(upstreamOf({ url: undefined, mirrorlist, verify: 'packages' })).toMatchObject({
      urls: [],
      mirrors: { kind: 'mirrorlist', url: mirrorlist },
      verify: 'packages',
      keyring: '/etc/yard/keys/base.asc',
    })
  })

  it('takes a metalink without TLS where something else vouches', () => {
    const plain = 'http://mirror.example.org/metalink'
    expect(upstreamOf({ url: undefined, metalink: plain })).toMatchObject({
      mirrors: { kind: 'metalink', url: plain },
      verify: 'metadata',
    })
  })

  it('takes several URLs, how they are reached, and fallbacks', () => {
    const text = dnfFile({
      url: undefined,
      urls: '["https://a.example.org/base/", "https://b.example.org/base"]',
      'rate-limit': '10MB',
      username: 'me',
      password: '{ file: p }',
    })
    expect(
      repositoryOf(`${text}    fallback: ["https://archive.example.org/base/"]\n`, 'base'),
    ).toMatchObject({
      fallback: ['https://archive.example.org/base'],
      upstream: {
        urls: ['https://a.example.org/base', 'https://b.example.org/base'],
        transport: {
          rateLimit: 10_000_000,
          basicAuth: { username: 'me', password: { kind: 'file', path: '/etc/yard/p' } },
        },
      },
    })
  })

  it('goes without proof when that is spelt out', () => {
    expect(upstreamOf({ verify: undefined, keyring: undefined, trusted: 'true' })).toMatchObject({
      verify: undefined,
      keyring: undefined,
      trusted: true,
    })
  })
})

const upstreamAt = 'repositories.base.upstream'
const verifyExpected =
  'expected `metadata`, `metalink` or `packages`; to go without any proof, spell out `trusted: true`'
const keysOfDnf =
  '`format`, `url`, `urls`, `mirrorlist`, `metalink`, `verify`, `keyring`, `trusted`, `kickstart`, `concurrency`, `rate-limit`, `attempts`, `connect-timeout`, `idle-timeout`, `proxy`, `username`, `password`, `headers`, `client-certificate` or `certificate-authority`'

/** Each row: what is wrong, the lines that make it so, the whole message without the file's name. */
const mistakes: [string, Record<string, string | undefined>, string][] = [
  [
    'no place to read from',
    { url: undefined },
    `4:7: ${upstreamAt}: found no \`url\`, \`urls\`, \`mirrorlist\` or \`metalink\`, expected one of them`,
  ],
  [
    'a metalink and a URL together',
    { metalink },
    `4:7: ${upstreamAt}: found \`url\` and \`metalink\`, expected only one of them`,
  ],
  [
    'nothing that vouches',
    { verify: undefined },
    `4:7: ${upstreamAt}: found no \`verify\`, ${verifyExpected}`,
  ],
  [
    'trusted: false and nothing that vouches',
    { verify: undefined, keyring: undefined, trusted: 'false' },
    `4:7: ${upstreamAt}: found no \`verify\`, ${verifyExpected}`,
  ],
  [
    'a misspelt proof',
    { verify: 'package' },
    `6:15: ${upstreamAt}.verify: found the text \`package\`, expected \`metadata\`, \`metalink\` or \`packages\`; did you mean \`packages\`?`,
  ],
  [
    'verify: metadata without a keyring',
    { keyring: undefined },
    `6:15: ${upstreamAt}.verify: found \`verify: metadata\` without \`keyring\`, expected beside it the file with the keys that sign repomd.xml`,
  ],
  [
    'verify: packages without a keyring',
    { verify: 'packages', keyring: undefined },
    `6:15: ${upstreamAt}.verify: found \`verify: packages\` without \`keyring\`, expected beside it the file with the keys that sign its packages`,
  ],
  [
    'verify: metalink without a metalink',
    { verify: 'metalink', keyring: undefined },
    `6:15: ${upstreamAt}.verify: found \`verify: metalink\` without \`metalink\`, expected its https URL beside it`,
  ],
  [
    'a metalink without TLS that would vouch',
    { ...byMetalink, metalink: 'http://mirror.example.org/metalink' },
    `6:17: ${upstreamAt}.metalink: found a URL without TLS with \`verify: metalink\`, expected an https URL: what it says is all that is trusted`,
  ],
  [
    'both verify and trusted',
    { trusted: 'true' },
    `4:7: ${upstreamAt}: found \`verify\` and \`trusted: true\`, expected only one of them`,
  ],
  [
    'both keyring and trusted',
    { verify: undefined, trusted: 'true' },
    `4:7: ${upstreamAt}: found \`keyring\` and \`trusted: true\`, expected only one of them`,
  ],
  [
    'credentials in the URL of a list',
    { url: undefined, mirrorlist: 'https://me:hunter2@mirror.example.org/list' },
    `7:19: ${upstreamAt}.mirrorlist: found a URL with credentials in it, expected one without; write \`username\` and \`password\` beside it, so that the secret stays in a file or the environment`,
  ],
  [
    'a list with a fragment',
    { url: undefined, mirrorlist: 'https://mirror.example.org/list#top' },
    `7:19: ${upstreamAt}.mirrorlist: found a URL with a query or a fragment, expected an http or https URL such as \`https://mirror.example.org/metalink?repo=base\``,
  ],
  [
    'a key of an archive for apt',
    { suite: 'bookworm' },
    `8:7: ${upstreamAt}: found the unknown key \`suite\`, expected ${keysOfDnf}`,
  ],
  [
    'a misspelt key',
    { metalinks: metalink },
    `8:7: ${upstreamAt}: found the unknown key \`metalinks\`, expected ${keysOfDnf}; did you mean \`metalink\`?`,
  ],
  [
    'a username alone',
    { username: 'me' },
    `8:17: ${upstreamAt}.username: found no \`password\`, expected one beside the \`username\``,
  ],
]

describe('a mistake in an upstream for dnf', () => {
  it.each(mistakes)('%s', (_, changes, message) => {
    expect(messageFor(dnfFile(changes))).toBe(message)
  })
})
