import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { YardError } from '../model/index.ts'
import type { ComposeConfiguration, MirrorConfiguration } from './configuration.ts'
import { composeFile, file, messageFor, mirrorFile, read, repositoryOf } from './written.fixture.ts'

function upstreamOf(changes: Record<string, string | undefined>) {
  return (repositoryOf(mirrorFile(changes), 'debian') as MirrorConfiguration).upstream
}

function composed(compose: string): ComposeConfiguration {
  return repositoryOf(composeFile(compose), 'base') as ComposeConfiguration
}

describe('readConfiguration', () => {
  it('fills in every default of a mirror', () => {
    const configuration = read(mirrorFile())
    expect(configuration).toEqual({
      file,
      repositories: configuration.repositories,
      server: { listen: { host: '127.0.0.1', port: 8080 } },
      keys: { algorithm: 'rsa4096', userId: 'Switchyard <switchyard@localhost>' },
      latest: { keepSeconds: 604_800, keepAtLeast: 3 },
      database: { kind: 'sqlite' },
      trains: new Map(),
    })
    expect([...configuration.repositories.values()]).toEqual([
      {
        kind: 'mirror',
        name: 'debian',
        position: `${file}:2`,
        policy: 'on-demand',
        seed: [],
        fallback: [],
        upstream: {
          format: 'apt',
          urls: ['https://mirror.example.org/debian'],
          suites: ['bookworm'],
          components: ['main'],
          architectures: ['amd64'],
          sources: false,
          installer: false,
          keyring: '/etc/yard/keys/debian.gpg',
          trusted: false,
          checkValidUntil: true,
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
      },
    ])
  })

  it('fills in every default of a composition from its inputs', () => {
    expect(composed('{ from: [debian] }')).toEqual({
      kind: 'compose',
      name: 'base',
      position: `${file}:10`,
      policy: 'immediate',
      seed: [],
      from: ['debian'],
      include: [],
      exclude: [],
      withDependencies: false,
      recommends: false,
      prefer: [],
      versions: 1,
      architectures: ['amd64'],
      output: {
        format: 'apt',
        suite: 'bookworm',
        codename: 'bookworm',
        component: 'main',
        origin: 'Switchyard',
        label: 'base',
        compression: ['gz'],
        validDays: undefined,
        phasing: 'keep',
      },
    })
  })

  it('reads every key of an upstream', () => {
    const upstream = upstreamOf({
      url: undefined,
      urls: '["https://a.example.org/debian/", "http://b.example.org:3142/debian"]',
      suite: undefined,
      suites: '[bookworm, bookworm/updates]',
      components: '[main, updates/main]',
      architectures: '[amd64, arm64]',
      sources: 'true',
      installer: 'true',
      'check-valid-until': 'false',
      concurrency: '16',
      'rate-limit': '10MB',
      attempts: '2',
      'connect-timeout': '5s',
      'idle-timeout': '2m',
      proxy: 'none',
      username: 'mirror',
      password: '{ environment: MIRROR_PASSWORD }',
      headers: '{ X-Site: north, X-Key: { file: key.txt }, X-Other: { environment: OTHER } }',
      'client-certificate': '{ certificate: c.pem, key: ../k.pem }',
      'certificate-authority': '/etc/ca.pem',
    })
    expect(upstream).toEqual({
      format: 'apt',
      urls: ['https://a.example.org/debian', 'http://b.example.org:3142/debian'],
      suites: ['bookworm', 'bookworm/updates'],
      components: ['main', 'updates/main'],
      architectures: ['amd64', 'arm64'],
      sources: true,
      installer: true,
      keyring: '/etc/yard/keys/debian.gpg',
      trusted: false,
      checkValidUntil: false,
      transport: {
        concurrency: 16,
        rateLimit: 10_000_000,
        attempts: 2,
        connectTimeoutSeconds: 5,
        idleTimeoutSeconds: 120,
        proxy: 'none',
        basicAuth: { username: 'mirror', password: { kind: 'environment', variable: 'MIRROR_PASSWORD' } },
        headers: [
          { name: 'X-Site', value: { kind: 'plain', value: 'north' } },
          { name: 'X-Key', value: { kind: 'file', path: '/etc/yard/key.txt' } },
          { name: 'X-Other', value: { kind: 'environment', variable: 'OTHER' } },
        ],
        clientCertificate: { certificate: '/etc/yard/c.pem', key: '/etc/k.pem' },
        certificateAuthority: '/etc/ca.pem',
      },
    })
  })

  it('reads every key of a composition', () => {
    const configuration = composed(
      '{ from: [debian], include: [nginx, "lib*[!0-9]"], exclude: [foo?], with-dependencies: true, prefer: [debian], recommends: true, suite: web, codename: w1, components: [extra], origin: Web team, label: The base, architectures: [amd64], compression: [xz, gz], phasing: strip, versions: 3, valid-days: 30 }',
    )
    expect(configuration).toMatchObject({
      include: [
        { kind: 'package', glob: 'nginx' },
        { kind: 'package', glob: 'lib*[!0-9]' },
      ],
      exclude: [{ kind: 'package', glob: 'foo?' }],
      withDependencies: true,
      prefer: ['debian'],
      recommends: true,
      architectures: ['amd64'],
      versions: 3,
      output: {
        format: 'apt',
        suite: 'web',
        codename: 'w1',
        component: 'extra',
        origin: 'Web team',
        label: 'The base',
        compression: ['xz', 'gz'],
        phasing: 'strip',
        validDays: 30,
      },
    })
  })

  it('reads what stands beside the repositories', () => {
    const configuration = read(`repositories: {}
server: { listen: "[::1]:0" }
keys: { algorithm: ed25519, user-id: Web team <web@example.org> }
latest: { keep: 12h, keep-at-least: 0 }
database: { url: postgresql://switchyard@localhost/switchyard }
`)
    expect(configuration).toEqual({
      file,
      repositories: new Map(),
      server: { listen: { host: '::1', port: 0 } },
      keys: { algorithm: 'ed25519', userId: 'Web team <web@example.org>' },
      latest: { keepSeconds: 43_200, keepAtLeast: 0 },
      database: { kind: 'postgresql', url: 'postgresql://switchyard@localhost/switchyard' },
      trains: new Map(),
    })
  })

  it.each([
    [
      '{ name: yard.example.org }',
      { name: 'yard.example.org', listen: { host: '0.0.0.0', port: 8443 }, places: [] },
    ],
    [
      '{ name: "2001:db8::7", listen: "[::]:443", places: [https://mirror.example.org/departures/, "file:///media/yard"] }',
      {
        name: '2001:db8::7',
        listen: { host: '::', port: 443 },
        places: ['https://mirror.example.org/departures', 'file:///media/yard'],
      },
    ],
  ])('says how hosts reach the yard: %s', (text, hosts) => {
    expect(read(`repositories: {}\nserver: { hosts: ${text} }`).server).toMatchObject({ hosts })
  })

  it('takes seeds and fallbacks of a mirror, and anchors with their aliases', () => {
    const text = mirrorFile({ components: '&c [main]' })
    const twice = text.replace('repositories:\n', '').replace('debian', 'copy').replace('&c [main]', '*c')
    const configuration = read(
      `${text}    seed: [/srv/mirror, old]\n    fallback: ["https://archive.example.org/debian/"]\n${twice}`,
    )
    expect(configuration.repositories.get('debian' as never)).toMatchObject({
      seed: ['/srv/mirror', '/etc/yard/old'],
      fallback: ['https://archive.example.org/debian'],
    })
    expect(configuration.repositories.get('copy' as never)).toMatchObject({
      upstream: { components: ['main'] },
    })
  })

  it.each([
    ['./', './'],
    ['/', './'],
    ['./stable/', 'stable/'],
    ['x86/stable/', 'x86/stable/'],
  ])('reads the flat directory %s, without components', (written, suite) => {
    expect(upstreamOf({ suite: written, components: undefined })).toMatchObject({
      suites: [suite],
      components: [],
    })
  })

  it("names a composition's suite after itself when its first input is flat", () => {
    const flat = mirrorFile({ suite: './', components: undefined })
    const base = read(`${flat}  base: { compose: { from: [debian] } }`).repositories.get('base' as never)
    expect(base).toMatchObject({
      architectures: ['amd64'],
      output: { suite: 'base', codename: 'base' },
    })
  })

  it('looks through compositions of compositions for architectures and suite', () => {
    const text = composeFile('{ from: [debian] }', '  top:\n    compose: { from: [base] }\n')
    expect(read(text).repositories.get('top' as never)).toMatchObject({
      architectures: ['amd64'],
      output: { suite: 'bookworm' },
    })
  })
})

const urlExpected = 'an http or https URL such as `https://mirror.example.org/debian`'
const nameExpected =
  'a name of lower-case letters, digits, dots and dashes, at most 63, beginning with a letter or digit'
const upstreamKeys =
  '`format`, `url`, `urls`, `suite`, `suites`, `components`, `architectures`, `sources`, `installer`, `keyring`, `trusted`, `check-valid-until`, `concurrency`, `rate-limit`, `attempts`, `connect-timeout`, `idle-timeout`, `proxy`, `username`, `password`, `headers`, `client-certificate` or `certificate-authority`'
const upstreamAt = 'repositories.debian.upstream'
const baseAt = 'repositories.base.compose'

/** Each row: what is wrong, the file, the whole message without the file's name. */
const mistakes: [string, string, string][] = [
  ['an empty file', '', '1:1: found nothing, expected a map with the key `repositories`'],
  ['a file that is a list', '- a', '1:1: found a list, expected a map with the key `repositories`'],
  ['no repositories', 'server: {}', '1:1: found no `repositories`, expected this key'],
  [
    'a key of a later version',
    'repositories: {}\nfleet: {}',
    '2:1: found the unknown key `fleet`, expected `repositories`, `trains`, `server`, `keys`, `latest` or `database`',
  ],
  [
    'a misspelt key',
    'repositories: {}\nsevrer: {}',
    '2:1: found the unknown key `sevrer`, expected `repositories`, `trains`, `server`, `keys`, `latest` or `database`; did you mean `server`?',
  ],
  [
    'a misspelt key of an upstream',
    mirrorFile({ keyrings: 'x' }),
    `10:7: ${upstreamAt}: found the unknown key \`keyrings\`, expected ${upstreamKeys}; did you mean \`keyring\`?`,
  ],
  [
    'a misspelt key of a composition',
    composeFile('{ from: [debian], inclde: [nginx] }'),
    `11:32: ${baseAt}: found the unknown key \`inclde\`, expected \`from\`, \`prefer\`, \`include\`, \`exclude\`, \`with-dependencies\`, \`recommends\`, \`versions\`, \`architectures\`, \`compression\`, \`suite\`, \`codename\`, \`components\`, \`origin\`, \`label\`, \`phasing\` or \`valid-days\`; did you mean \`include\`?`,
  ],
  [
    'a repository named twice',
    `${mirrorFile()}  debian: {}\n`,
    '10:3: repositories.debian: found `debian` a second time, expected each key once',
  ],
  ['a key that is a list', 'repositories: {}\n? [a]\n: b', '2:3: `?`: found a list as a key, expected text'],
  [
    'a name with capitals',
    mirrorFile().replace('debian:', 'Debian:'),
    `2:3: repositories.Debian: found the text \`Debian\`, expected ${nameExpected}`,
  ],
  [
    'a name that is a number',
    mirrorFile().replace('debian:', '12:'),
    `2:3: repositories.12: found the number \`12\`, expected ${nameExpected}`,
  ],
  [
    'neither upstream nor compose nor uploads',
    'repositories:\n  debian: {}',
    '2:11: repositories.debian: found no `upstream`, `compose` or `uploads`, expected one of them',
  ],
  [
    'both upstream and compose',
    `${mirrorFile()}    compose: { from: [other] }\n${mirrorFile().slice('repositories:\n'.length).replace('debian', 'other')}`,
    '3:5: repositories.debian: found `upstream` and `compose`, expected only one of them',
  ],
  [
    'a repository without a value',
    'repositories:\n  debian:\n',
    '2:10: repositories.debian: found nothing, expected a map with `upstream`, `compose` or `uploads`',
  ],
  [
    'an unknown policy',
    `${mirrorFile()}    policy: ondemand\n`,
    '10:13: repositories.debian.policy: found the text `ondemand`, expected `on-demand` or `immediate`; did you mean `on-demand`?',
  ],
  [
    'a fallback of a composition',
    composeFile('{ from: [debian] }', '    fallback: ["https://archive.example.org/"]\n'),
    '12:16: repositories.base.fallback[0]: found `fallback` without `upstream`, expected it only beside one',
  ],
  [
    'another format',
    mirrorFile({ format: 'rpm' }),
    `4:15: ${upstreamAt}.format: found the text \`rpm\`, expected \`apt\` or \`dnf\``,
  ],
  [
    'a misspelt format',
    mirrorFile({ format: 'atp' }),
    `4:15: ${upstreamAt}.format: found the text \`atp\`, expected \`apt\` or \`dnf\`; did you mean \`apt\`?`,
  ],
  [
    'no format',
    mirrorFile({ format: undefined }),
    `4:7: ${upstreamAt}: found no \`format\`, expected \`format\` with \`apt\` or \`dnf\``,
  ],
  [
    'a misspelt key for the format',
    mirrorFile({ format: undefined, fromat: 'apt' }),
    `9:7: ${upstreamAt}: found the unknown key \`fromat\` and no \`format\`, expected \`format\` with \`apt\` or \`dnf\`; did you mean \`format\`?`,
  ],
  [
    'a key of another format',
    mirrorFile({ metalink: 'https://mirror.example.org/metalink' }),
    `10:7: ${upstreamAt}: found the unknown key \`metalink\`, expected ${upstreamKeys}`,
  ],
  [
    'a key of an upstream twice',
    mirrorFile().replace('      suite:', '      suite: buster\n      suite:'),
    `7:7: ${upstreamAt}.suite: found \`suite\` a second time, expected each key once`,
  ],
  [
    'an upstream that is no map',
    'repositories:\n  debian: { upstream: apt }',
    `2:23: ${upstreamAt}: found text, expected a map that describes an upstream`,
  ],
  [
    'no URL',
    mirrorFile({ url: undefined }),
    `4:7: ${upstreamAt}: found no \`url\` or \`urls\`, expected one of them`,
  ],
  [
    'both url and urls',
    mirrorFile({ urls: '["https://a.example.org"]' }),
    `4:7: ${upstreamAt}: found \`url\` and \`urls\`, expected only one of them`,
  ],
  [
    'credentials in a URL',
    mirrorFile({ url: 'https://mirror:hunter2@mirror.example.org/debian' }),
    `5:12: ${upstreamAt}.url: found a URL with credentials in it, expected one without; write \`username\` and \`password\` beside it, so that the secret stays in a file or the environment`,
  ],
  [
    'a URL of another kind',
    mirrorFile({ url: 'ftp://mirror.example.org/debian' }),
    `5:12: ${upstreamAt}.url: found a URL of the kind \`ftp:\`, expected ${urlExpected}`,
  ],
  [
    'text that is no URL',
    mirrorFile({ url: 'mirror' }),
    `5:12: ${upstreamAt}.url: found text that is no such URL, expected ${urlExpected}`,
  ],
  [
    'a URL with a query',
    mirrorFile({ url: 'https://mirror.example.org/?token=hunter2' }),
    `5:12: ${upstreamAt}.url: found a URL with a query or a fragment, expected ${urlExpected}`,
  ],
  [
    'a URL that is a number',
    mirrorFile({ url: '7' }),
    `5:12: ${upstreamAt}.url: found a number, expected ${urlExpected}`,
  ],
  [
    'a proxy with credentials',
    mirrorFile({ proxy: 'http://me:hunter2@proxy.example.org:3128' }),
    `10:14: ${upstreamAt}.proxy: found a URL with credentials in it, expected one without; give a proxy that wants credentials through the environment: http_proxy and https_proxy`,
  ],
  [
    'no suite',
    mirrorFile({ suite: undefined }),
    `4:7: ${upstreamAt}: found no \`suite\` or \`suites\`, expected one of them`,
  ],
  [
    'a suite that leaves its directory',
    mirrorFile({ suite: '../x' }),
    `6:14: ${upstreamAt}.suite: found the text \`../x\`, expected a suite such as \`bookworm\`, or a flat repository's directory such as \`./\` or \`stable/\``,
  ],
  [
    'a suite twice',
    mirrorFile({ suite: undefined, suites: '[bookworm, bookworm]' }),
    `9:26: ${upstreamAt}.suites[1]: found the text \`bookworm\` a second time, expected each once`,
  ],
  [
    'no suites',
    mirrorFile({ suite: undefined, suites: '[]' }),
    `9:15: ${upstreamAt}.suites: found an empty list, expected a list of suites with at least 1`,
  ],
  [
    'a flat directory with components',
    mirrorFile({ suite: './' }),
    `4:7: ${upstreamAt}: found \`components\` with a flat directory, expected none: a flat repository has none`,
  ],
  [
    'a flat directory beside a suite',
    mirrorFile({ suite: undefined, suites: '[bookworm, ./]' }),
    `9:26: ${upstreamAt}.suites[1]: found flat directories beside suites, expected only one kind in one repository`,
  ],
  [
    'no components',
    mirrorFile({ components: undefined }),
    `4:7: ${upstreamAt}: found no \`components\`, expected a list of components such as \`[main]\``,
  ],
  [
    'components that are no list',
    mirrorFile({ components: 'main' }),
    `7:19: ${upstreamAt}.components: found the text \`main\`, expected a list of components; write \`[main]\``,
  ],
  [
    'a component with a space',
    mirrorFile({ components: '[main contrib]' }),
    `7:20: ${upstreamAt}.components[0]: found the text \`main contrib\`, expected a component such as \`main\``,
  ],
  [
    'no architectures',
    mirrorFile({ architectures: undefined }),
    `4:7: ${upstreamAt}: found no \`architectures\`, expected this key`,
  ],
  [
    'empty architectures',
    mirrorFile({ architectures: '[]' }),
    `8:22: ${upstreamAt}.architectures: found an empty list, expected a list of architectures with at least 1`,
  ],
  [
    'the architecture all',
    mirrorFile({ architectures: '[all]' }),
    `8:23: ${upstreamAt}.architectures[0]: found the text \`all\`, expected an architecture such as \`amd64\` (\`all\` comes with every one; sources are asked for by \`sources: true\`)`,
  ],
  [
    'neither keyring nor trusted',
    mirrorFile({ keyring: undefined }),
    `4:7: ${upstreamAt}: found no \`keyring\`, expected the file with the keys that sign this archive; to go without signatures, spell out \`trusted: true\``,
  ],
  [
    'trusted: false without a keyring',
    mirrorFile({ keyring: undefined, trusted: 'false' }),
    `4:7: ${upstreamAt}: found no \`keyring\`, expected the file with the keys that sign this archive; to go without signatures, spell out \`trusted: true\``,
  ],
  [
    'both keyring and trusted',
    mirrorFile({ trusted: 'true' }),
    `4:7: ${upstreamAt}: found \`keyring\` and \`trusted: true\`, expected only one of them`,
  ],
  [
    'a boolean of YAML 1.1',
    mirrorFile({ sources: 'yes' }),
    `10:16: ${upstreamAt}.sources: found the text \`yes\`, expected \`true\` or \`false\``,
  ],
  [
    'a number out of range',
    mirrorFile({ concurrency: '0' }),
    `10:20: ${upstreamAt}.concurrency: found the number \`0\`, expected a whole number from 1 to 64`,
  ],
  [
    'a broken number',
    mirrorFile({ attempts: '1.5' }),
    `10:17: ${upstreamAt}.attempts: found the number \`1.5\`, expected a whole number from 1 to 20`,
  ],
  [
    'a size without a unit',
    mirrorFile({ 'rate-limit': '1000' }),
    `10:19: ${upstreamAt}.rate-limit: found the number \`1000\`, expected a size such as \`500KiB\`, \`10MB\` or \`1GiB\``,
  ],
  [
    'a duration in words',
    mirrorFile({ 'connect-timeout': '10 seconds' }),
    `10:24: ${upstreamAt}.connect-timeout: found the text \`10 seconds\`, expected a duration such as \`30s\`, \`5m\`, \`12h\` or \`7d\``,
  ],
  [
    'a timeout of nothing',
    mirrorFile({ 'idle-timeout': '0s' }),
    `10:21: ${upstreamAt}.idle-timeout: found a duration of nothing, expected at least \`1s\``,
  ],
  [
    'a username alone',
    mirrorFile({ username: 'me' }),
    `10:17: ${upstreamAt}.username: found no \`password\`, expected one beside the \`username\``,
  ],
  [
    'a password alone',
    mirrorFile({ password: '{ file: p }' }),
    `10:17: ${upstreamAt}.password: found no \`username\`, expected one beside the \`password\``,
  ],
  [
    'a password in the file',
    mirrorFile({ username: 'me', password: 'hunter2' }),
    `11:17: ${upstreamAt}.password: found text, expected \`{ file: PATH }\` or \`{ environment: VARIABLE }\``,
  ],
  [
    'a secret of two places',
    mirrorFile({ username: 'me', password: '{ file: p, environment: P }' }),
    `11:17: ${upstreamAt}.password: found both, expected one of \`file\` and \`environment\``,
  ],
  [
    'a secret of no place',
    mirrorFile({ username: 'me', password: '{}' }),
    `11:17: ${upstreamAt}.password: found neither, expected one of \`file\` and \`environment\``,
  ],
  [
    'a header of the protocol',
    mirrorFile({ headers: '{ Range: x }' }),
    `10:18: ${upstreamAt}.headers.Range: found the text \`Range\`, expected a header's name such as \`X-Api-Key\`, and none that the protocol needs itself`,
  ],
  [
    'a header twice in other letters',
    mirrorFile({ headers: '{ X-A: x, x-a: y }' }),
    `10:26: ${upstreamAt}.headers.x-a: found this header a second time, in other letters, expected it once`,
  ],
  [
    'a header with a line break',
    mirrorFile({ headers: '{ X-A: "hunter2\\r\\nX-B: y" }' }),
    `10:23: ${upstreamAt}.headers.X-A: found text, expected the text of a header on one line`,
  ],
  [
    'half a client certificate',
    mirrorFile({ 'client-certificate': '{ certificate: c.pem }' }),
    `10:27: ${upstreamAt}.client-certificate: found no \`key\`, expected this key`,
  ],
  ['a composition of nothing', composeFile('{}'), `11:14: ${baseAt}: found no \`from\`, expected this key`],
  [
    'an empty from',
    composeFile('{ from: [] }'),
    `11:22: ${baseAt}.from: found an empty list, expected a list of repositories with at least 1`,
  ],
  [
    'a dangling input',
    composeFile('{ from: [debain] }'),
    `11:23: ${baseAt}.from[0]: found \`debain\`, which is no repository of this file, expected the name of one; did you mean \`debian\`?`,
  ],
  [
    'a preference that is no input',
    composeFile('{ from: [debian], prefer: [debain] }'),
    `11:41: ${baseAt}.prefer[0]: found \`debain\`, which is not in \`from\`, expected one of the inputs; did you mean \`debian\`?`,
  ],
  [
    'a composition of itself',
    composeFile('{ from: [debian, base] }'),
    `11:31: ${baseAt}.from[1]: found a circle: base -> base, expected inputs that do not depend on this repository`,
  ],
  [
    'a circle of three',
    composeFile(
      '{ from: [b] }',
      '  b: { compose: { from: [c] } }\n  c: { compose: { from: [debian, base] } }\n',
    ),
    `11:23: ${baseAt}.from[0]: found a circle: base -> b -> c -> base, expected inputs that do not depend on this repository`,
  ],
  [
    'an architecture of no input',
    composeFile('{ from: [debian], architectures: [amd64, arm64] }'),
    `11:55: ${baseAt}.architectures[1]: found \`arm64\`, which no input has, expected architectures of the inputs: amd64`,
  ],
  [
    'a glob of a shell',
    composeFile('{ from: [debian], include: ["lib{a,b}"] }'),
    `11:42: ${baseAt}.include[0]: found the text \`lib{a,b}\`, expected a package name, in which \`*\`, \`?\` and \`[a-z]\` may stand for characters`,
  ],
  [
    'an open bracket in a glob',
    composeFile('{ from: [debian], exclude: ["lib[ab"] }'),
    `11:42: ${baseAt}.exclude[0]: found the text \`lib[ab\`, expected a package name, in which \`*\`, \`?\` and \`[a-z]\` may stand for characters`,
  ],
  [
    'a range that goes backwards',
    composeFile('{ from: [debian], exclude: ["lib[z-a]"] }'),
    `11:42: ${baseAt}.exclude[0]: found the text \`lib[z-a]\`, expected a package name, in which \`*\`, \`?\` and \`[a-z]\` may stand for characters`,
  ],
  [
    'recommends without dependencies',
    composeFile('{ from: [debian], recommends: true }'),
    `11:14: ${baseAt}: found \`recommends\` alone, expected \`with-dependencies: true\` beside it`,
  ],
  [
    'two components of a composition',
    composeFile('{ from: [debian], components: [a, b] }'),
    `11:44: ${baseAt}.components: found a list of 2, expected a list of components with exactly 1`,
  ],
  [
    'a suite of two words',
    composeFile('{ from: [debian], suite: two words }'),
    `11:39: ${baseAt}.suite: found the text \`two words\`, expected a word such as \`bookworm\``,
  ],
  [
    'a label of two lines',
    composeFile('{ from: [debian], label: "a\\nb" }'),
    `11:39: ${baseAt}.label: found the text \`a\\nb\`, expected one line of text`,
  ],
  [
    'an unknown compression',
    composeFile('{ from: [debian], compression: [gzip] }'),
    `11:46: ${baseAt}.compression[0]: found the text \`gzip\`, expected \`gz\`, \`xz\` or \`zst\``,
  ],
  [
    'no versions',
    composeFile('{ from: [debian], versions: 0 }'),
    `11:42: ${baseAt}.versions: found the number \`0\`, expected a whole number from 1 to 10000, or \`all\``,
  ],
  [
    'versions in another word',
    composeFile('{ from: [debian], versions: every }'),
    `11:42: ${baseAt}.versions: found the text \`every\`, expected a whole number from 1 to 10000, or \`all\``,
  ],
  [
    'a name of rpm for an architecture',
    composeFile('{ from: [debian], architectures: [x86_64] }'),
    `11:48: ${baseAt}.architectures[0]: found \`x86_64\`, expected an architecture as dpkg calls it; write \`amd64\``,
  ],
  [
    'an included package twice',
    composeFile('{ from: [debian], include: [nginx, nginx] }'),
    `11:49: ${baseAt}.include[1]: found the text \`nginx\` a second time, expected each once`,
  ],
  [
    'a header that is a number',
    mirrorFile({ headers: '{ X-Site: 5 }' }),
    `10:26: ${upstreamAt}.headers.X-Site: found a number, expected the text of a header on one line`,
  ],
  [
    'an address without a port',
    'repositories: {}\nserver: { listen: localhost }',
    '2:19: server.listen: found the text `localhost`, expected an address and a port such as `127.0.0.1:8080` or `[::]:8080`',
  ],
  [
    'a port that is none',
    'repositories: {}\nserver: { listen: "localhost:70000" }',
    '2:19: server.listen: found the text `localhost:70000`, expected an address and a port such as `127.0.0.1:8080` or `[::]:8080`',
  ],
  [
    'a door for hosts without a name',
    'repositories: {}\nserver: { hosts: { listen: "0.0.0.0:8443" } }',
    '2:18: server.hosts: found no `name`, expected this key',
  ],
  [
    'a URL in the place of a name',
    'repositories: {}\nserver: { hosts: { name: "https://yard.example.org" } }',
    '2:26: server.hosts.name: found the text `https://yard.example.org`, expected a DNS name or an address such as `yard.example.org`',
  ],
  [
    'a place with a password',
    'repositories: {}\nserver: { hosts: { name: yard, places: ["https://me:hunter2@mirror.example.org"] } }',
    '2:41: server.hosts.places[0]: found a URL with credentials in it, expected one without; a place asks nobody who they are: whatever lies there is signed',
  ],
  [
    'an unknown algorithm',
    'repositories: {}\nkeys: { algorithm: rsa4069 }',
    '2:20: keys.algorithm: found the text `rsa4069`, expected `rsa4096` or `ed25519`; did you mean `rsa4096`?',
  ],
  [
    'a password in the URL of the database',
    'repositories: {}\ndatabase: { url: "postgresql://me:hunter2@localhost/yard" }',
    '2:18: database.url: found a URL with credentials in it, expected one without; give the password through PGPASSWORD or a .pgpass file',
  ],
  [
    'another database',
    'repositories: {}\ndatabase: { url: "mysql://localhost/yard" }',
    '2:18: database.url: found a URL of the kind `mysql:`, expected a URL such as `postgresql://switchyard@localhost/switchyard`',
  ],
  [
    'an alias without an anchor',
    mirrorFile({ components: '*none' }),
    `7:19: ${upstreamAt}.components: found the alias \`none\` without its anchor, expected an anchor of that name above it`,
  ],
  [
    'an open quote, whose text is not repeated',
    'repositories: {}\nserver: "hunter2',
    '2:17: found broken YAML (Missing closing "quote), expected YAML 1.2',
  ],
  [
    'a tag of its own',
    'repositories: !hunter {}',
    '1:15: found broken YAML (Unresolved tag), expected YAML 1.2',
  ],
  ['YAML 1.1', '%YAML 1.1\n---\nrepositories: {}', '1:1: found another version of YAML, expected YAML 1.2'],
  [
    'two documents',
    'repositories: {}\n---\nrepositories: {}',
    '2:1: found broken YAML (Source contains multiple documents; please use YAML.parseAllDocuments()), expected YAML 1.2',
  ],
]

describe('a mistake', () => {
  it.each(mistakes)('%s', (_, text, message) => {
    expect(messageFor(text)).toBe(message)
  })

  it('is reported together with all others, in the order of the file', () => {
    const text = composeFile('{ from: [debain], valid-days: 0 }').replace('[amd64]', '[]')
    expect(messageFor(text)).toBe(`${file} has 3 mistakes:
  8:22: ${upstreamAt}.architectures: found an empty list, expected a list of architectures with at least 1
  11:23: ${baseAt}.from[0]: found \`debain\`, which is no repository of this file, expected the name of one; did you mean \`debian\`?
  11:44: ${baseAt}.valid-days: found the number \`0\`, expected a whole number from 1 to 3650`)
  })

  it('is one of at most 20 that are listed', () => {
    const text = Array.from({ length: 25 }, (_, index) => `key${index}: 1\n`).join('')
    const lines = messageFor(`repositories: {}\n${text}`).split('\n')
    expect(lines).toHaveLength(22)
    expect(lines[0]).toBe(`${file} has 25 mistakes:`)
    expect(lines.at(-1)).toBe('  and 5 more')
  })

  it('never repeats a password or a URL', () => {
    for (const [, text, message] of mistakes)
      if (text.includes('hunter2')) expect(message).not.toContain('hunter2')
  })

  it('says what to do next', () => {
    expect(() => read('')).toThrow(
      expect.objectContaining({ hint: 'correct the file and run the command again; nothing was changed' }),
    )
  })
})

describe('a hostile file', () => {
  it('is refused above 1 MiB', () => {
    expect(() => read(`# ${'x'.repeat(1024 * 1024)}`)).toThrow(`${file} is larger than 1 MiB`)
  })

  it.each([
    ['lists in lists', '['.repeat(20_000)],
    ['block lists in lists', '- '.repeat(20_000)],
    ['keys in keys', '? '.repeat(20_000)],
    ['maps in maps', '{a: '.repeat(20_000)],
  ])('of %s is refused', (_, text) => {
    expect(() => read(text)).toThrow(YardError)
  })

  it('of aliases upon aliases is refused', () => {
    const copies = Array.from({ length: 101 }, (_, index) => `  copy${index}: *a\n`)
    const text = mirrorFile().replace('debian:', 'debian: &a') + copies.join('')
    expect(messageFor(text)).toBe(
      '110:12: repositories.copy100: found one alias more, expected at most 100 in a file',
    )
  })

  it('of very many repositories is refused quickly', () => {
    const names = Array.from({ length: 3000 }, (_, index) => `  r${index}: { compose: { from: [x] } }\n`)
    expect(messageFor(`repositories:\n${names.join('')}`)).toContain('a map of repositories, at most 1000')
  })

  const yamlLike = fc
    .array(
      fc.oneof(
        fc.constantFrom('repositories:', '\n', ' ', '  ', 'debian:', 'compose:', 'from:', '[', ']', '{', '}'),
        fc.constantFrom('&a', '*a', '!!', '- ', '? ', ': ', ',', '"', "'", '|', '>', '#', '%YAML 1.1', '---'),
        fc.constantFrom(
          'upstream:',
          'url:',
          'headers:',
          'password:',
          'true',
          '1',
          '~',
          '<<:',
          '\t',
          '\uFEFF',
        ),
        fc.string({ unit: 'binary', maxLength: 5 }),
      ),
      { maxLength: 60 },
    )
    .map(parts => parts.join(''))

  it('of any text at all gives a configuration or a YardError', () => {
    fc.assert(
      fc.property(fc.oneof(yamlLike, fc.string({ unit: 'binary' })), text => {
        try {
          read(text)
        } catch (error) {
          expect(error).toBeInstanceOf(YardError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('made by damaging a correct one gives a configuration or a YardError', () => {
    const correct = composeFile('{ from: [debian], include: [nginx] }')
    fc.assert(
      fc.property(fc.nat(correct.length), fc.nat(20), fc.string({ maxLength: 8 }), (at, dropped, added) => {
        try {
          read(correct.slice(0, at) + added + correct.slice(at + dropped))
        } catch (error) {
          expect(error).toBeInstanceOf(YardError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
