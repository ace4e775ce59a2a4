import { describe, expect, it } from 'vitest'
import { messageFor, mirrorFile, repositoryOf } from './written.fixture.ts'

/** `debian` for apt on line 2, `fedora` for dnf on line 10, and on line 12 the given repository, named `own`. */
function ownFile(own: string, more = ''): string {
  return `${mirrorFile({ architectures: '[amd64, arm64]' })}  fedora:
    upstream: { format: dnf, url: "https://mirror.example.org/fedora", trusted: true }
  own: ${own}
${more}`
}

const own = (repository: string, more = '') => repositoryOf(ownFile(repository, more), 'own')

describe('a composition of RPM repositories', () => {
  it('has every default filled in', () => {
    expect(own('{ compose: { from: [fedora] } }')).toEqual({
      kind: 'compose',
      name: 'own',
      position: '/etc/yard/switchyard.yaml:12',
      policy: 'immediate',
      seed: [],
      from: ['fedora'],
      include: [],
      exclude: [],
      withDependencies: false,
      recommends: false,
      prefer: [],
      versions: 1,
      architectures: [],
      output: { format: 'dnf', compression: 'gz' },
    })
  })

  it('takes every kind of selector', () => {
    const include =
      '[nginx, "kernel-core-6.1*", { source: "php*" }, { module: "nodejs:20" }, { module: perl }, { group: web-server }]'
    const exclude =
      '[{ advisory: EXAMPLE-2026-0001 }, { advisory: { type: security, severity: Critical, since: 2026-10-01, until: 2026-11-21 } }]'
    expect(own(`{ compose: { from: [fedora], include: ${include}, exclude: ${exclude} } }`)).toMatchObject({
      include: [
        { kind: 'package', glob: 'nginx' },
        { kind: 'package', glob: 'kernel-core-6.1*' },
        { kind: 'source', glob: 'php*' },
        { kind: 'module', name: 'nodejs', stream: '20' },
        { kind: 'module', name: 'perl', stream: undefined },
        { kind: 'group', id: 'web-server' },
      ],
      exclude: [
        { kind: 'advisory', id: 'EXAMPLE-2026-0001' },
        {
          kind: 'advisory',
          type: 'security',
          severity: 'Critical',
          since: '2026-10-01',
          until: '2026-11-21',
        },
      ],
    })
  })

  it('keeps all versions when that is said', () => {
    expect(own('{ compose: { from: [fedora], versions: all } }')).toMatchObject({
      versions: Number.POSITIVE_INFINITY,
    })
  })

  it('takes architectures as rpm names them, and one compression', () => {
    expect(
      own('{ compose: { from: [fedora], architectures: [x86_64, i686, src], compression: [zst] } }'),
    ).toMatchObject({
      architectures: ['x86_64', 'i686', 'src'],
      output: { format: 'dnf', compression: 'zst' },
    })
  })

  it('is one for dnf through compositions of compositions, and takes uploads among its inputs', () => {
    const more = '  ours: { uploads: rpm }\n  top: { compose: { from: [own] } }\n'
    const text = ownFile('{ compose: { from: [ours, fedora] } }', more)
    expect(repositoryOf(text, 'top')).toMatchObject({ output: { format: 'dnf' }, architectures: [] })
  })
})

describe('a composition of APT repositories', () => {
  it('takes selectors by source', () => {
    expect(own('{ compose: { from: [debian], include: [{ source: "php*" }] } }')).toMatchObject({
      include: [{ kind: 'source', glob: 'php*' }],
      output: { format: 'apt' },
    })
  })

  it('is for the architectures that its inputs name, which uploads need not', () => {
    const more = '  ours: { uploads: deb }\n'
    expect(own('{ compose: { from: [debian, ours] } }', more)).toMatchObject({
      architectures: ['amd64', 'arm64'],
    })
    expect(own('{ compose: { from: [ours], architectures: [riscv64] } }', more)).toMatchObject({
      architectures: ['riscv64'],
    })
  })
})

describe('uploads', () => {
  it('of deb are an archive for every architecture that a mirror has', () => {
    expect(own('{ uploads: deb }')).toEqual({
      kind: 'uploads',
      name: 'own',
      position: '/etc/yard/switchyard.yaml:12',
      policy: 'immediate',
      seed: [],
      keyring: undefined,
      architectures: ['amd64', 'arm64'],
      output: {
        format: 'apt',
        suite: 'own',
        codename: 'own',
        component: 'main',
        origin: 'Switchyard',
        label: 'own',
        compression: ['gz'],
        validDays: undefined,
        phasing: 'keep',
      },
    })
  })

  it('of deb are for amd64 where no mirror says better', () => {
    expect(repositoryOf('repositories: { own: { uploads: deb } }', 'own')).toMatchObject({
      architectures: ['amd64'],
    })
  })

  it('of rpm are a repository for every architecture', () => {
    expect(own('{ uploads: rpm, policy: immediate }')).toMatchObject({
      policy: 'immediate',
      architectures: [],
      output: { format: 'dnf', compression: 'gz' },
    })
  })

  it('take a keyring, architectures and what their metadata looks like', () => {
    expect(
      own('{ uploads: { format: rpm, keyring: ours.asc, architectures: [x86_64], compression: [zst] } }'),
    ).toMatchObject({
      keyring: '/etc/yard/ours.asc',
      architectures: ['x86_64'],
      output: { format: 'dnf', compression: 'zst' },
    })
    expect(
      own('{ uploads: { format: deb, suite: stable, components: [extra], valid-days: 7 } }'),
    ).toMatchObject({
      output: { format: 'apt', suite: 'stable', codename: 'stable', component: 'extra', validDays: 7 },
    })
  })
})

const onApt = (keys: string) => ownFile(`{ compose: { from: [debian], ${keys} } }`)
const onDnf = (keys: string) => ownFile(`{ compose: { from: [fedora], ${keys} } }`)
const composeAt = 'repositories.own.compose'
const uploadsAt = 'repositories.own.uploads'

/** Each row: what is wrong, the file, the whole message without the file's name. */
const mistakes: [string, string, string][] = [
  ...(
    [
      ['suite', 'bookworm', 44],
      ['codename', 'bookworm', 47],
      ['components', '[main]', 49],
      ['origin', 'Web team', 45],
      ['label', 'Web', 44],
      ['phasing', 'strip', 46],
      ['valid-days', '7', 49],
    ] as const
  ).map(([key, value, column]): [string, string, string] => [
    `\`${key}\` for dnf`,
    onDnf(`${key}: ${value}`),
    `12:${column}: ${composeAt}.${key}: found \`${key}\` in a repository for dnf, expected it only in one for apt`,
  ]),
  [
    '`suite` of uploads for dnf',
    ownFile('{ uploads: { format: rpm, suite: stable } }'),
    `12:41: ${uploadsAt}.suite: found \`suite\` in a repository for dnf, expected it only in one for apt`,
  ],
  [
    'inputs of two formats',
    ownFile('{ compose: { from: [debian, fedora] } }'),
    `12:36: ${composeAt}.from[1]: found \`fedora\`, a repository for dnf, expected inputs for apt, as \`debian\``,
  ],
  [
    'inputs of two formats through compositions and uploads',
    ownFile(
      '{ compose: { from: [ours, base] } }',
      '  ours: { uploads: rpm }\n  base: { compose: { from: [debian] } }\n',
    ),
    `12:34: ${composeAt}.from[1]: found \`base\`, a repository for apt, expected inputs for dnf, as \`ours\``,
  ],
  [
    'zst for apt',
    onApt('compression: [gz, zst]'),
    `12:55: ${composeAt}.compression[1]: found \`zst\` in a repository for apt, expected \`gz\` or \`xz\``,
  ],
  [
    'xz for dnf',
    onDnf('compression: [xz]'),
    `12:51: ${composeAt}.compression[0]: found \`xz\` in a repository for dnf, expected \`gz\` or \`zst\``,
  ],
  [
    'two compressions for dnf',
    onDnf('compression: [gz, zst]'),
    `12:55: ${composeAt}.compression[1]: found \`zst\` beside \`gz\` in a repository for dnf, expected one compression`,
  ],
  [
    'xz of uploads for dnf',
    ownFile('{ uploads: { format: rpm, compression: [xz] } }'),
    `12:48: ${uploadsAt}.compression[0]: found \`xz\` in a repository for dnf, expected \`gz\` or \`zst\``,
  ],
  ...(
    [
      ['module', '"nodejs:20"'],
      ['group', 'web-server'],
      ['advisory', 'EXAMPLE-2026-0001'],
    ] as const
  ).map(([kind, value]): [string, string, string] => [
    `a selector by ${kind} for apt`,
    onApt(`include: [{ ${kind}: ${value} }]`),
    `12:47: ${composeAt}.include[0]: found \`${kind}\` in a repository for apt, expected it only in one for dnf`,
  ]),
  [
    'an excluded module for apt',
    onApt('exclude: [{ module: perl }]'),
    `12:47: ${composeAt}.exclude[0]: found \`module\` in a repository for apt, expected it only in one for dnf`,
  ],
  [
    'a selector with two keys',
    onDnf('include: [{ source: php, group: web-server }]'),
    `12:47: ${composeAt}.include[0]: found \`source\` and \`group\`, expected only one of them`,
  ],
  [
    'a selector without a key',
    onDnf('include: [{}]'),
    `12:47: ${composeAt}.include[0]: found no \`source\`, \`module\`, \`group\` or \`advisory\`, expected one of them`,
  ],
  [
    'a misspelt selector',
    onDnf('include: [{ modul: nodejs }]'),
    '/etc/yard/switchyard.yaml has 2 mistakes:\n' +
      `  12:47: ${composeAt}.include[0]: found no \`source\`, \`module\`, \`group\` or \`advisory\`, expected one of them\n` +
      `  12:49: ${composeAt}.include[0]: found the unknown key \`modul\`, expected \`source\`, \`module\`, \`group\` or \`advisory\`; did you mean \`module\`?`,
  ],
  [
    'a selector twice',
    onDnf('include: [{ module: "nodejs:20" }, { module: "nodejs:20" }]'),
    `12:72: ${composeAt}.include[1]: found a map a second time, expected each once`,
  ],
  [
    'a module of two streams',
    onDnf('include: [{ module: "nodejs:20:x" }]'),
    `12:57: ${composeAt}.include[0].module: found the text \`nodejs:20:x\`, expected a module and its stream such as \`nodejs:20\`, or a module alone for its default stream`,
  ],
  [
    'a bad module for apt, said once',
    onApt('include: [{ module: "" }]'),
    `12:57: ${composeAt}.include[0].module: found the text \`\`, expected a module and its stream such as \`nodejs:20\`, or a module alone for its default stream`,
  ],
  [
    'an advisory of nothing',
    onDnf('include: [{ advisory: {} }]'),
    `12:59: ${composeAt}.include[0].advisory: found an empty map, expected at least one key that describes advisories`,
  ],
  [
    'an unknown type of advisory',
    onDnf('include: [{ advisory: { type: secuirty } }]'),
    `12:67: ${composeAt}.include[0].advisory.type: found the text \`secuirty\`, expected \`security\`, \`bugfix\`, \`enhancement\` or \`newpackage\`; did you mean \`security\`?`,
  ],
  [
    'a severity in small letters',
    onDnf('include: [{ advisory: { severity: critical } }]'),
    `12:71: ${composeAt}.include[0].advisory.severity: found the text \`critical\`, expected \`Critical\`, \`Important\`, \`Moderate\`, \`Low\` or \`None\`; did you mean \`Critical\`?`,
  ],
  [
    'a day that no month has',
    onDnf('include: [{ advisory: { since: 2026-02-30 } }]'),
    `12:68: ${composeAt}.include[0].advisory.since: found the text \`2026-02-30\`, expected a day such as \`2026-11-21\``,
  ],
  [
    'a day in other words',
    onDnf('include: [{ advisory: { until: 21.11.2026 } }]'),
    `12:68: ${composeAt}.include[0].advisory.until: found the text \`21.11.2026\`, expected a day such as \`2026-11-21\``,
  ],
  [
    'days in the wrong order',
    onDnf('include: [{ advisory: { since: 2026-11-21, until: 2026-11-21 } }]'),
    `12:59: ${composeAt}.include[0].advisory: found \`until\` that is not after \`since\`, expected a later day`,
  ],
  [
    "dpkg's name for an architecture of dnf",
    onDnf('architectures: [amd64]'),
    `12:53: ${composeAt}.architectures[0]: found \`amd64\`, expected an architecture as rpm calls it; write \`x86_64\``,
  ],
  [
    "rpm's name for an architecture of uploads for apt",
    ownFile('{ uploads: { format: deb, architectures: [aarch64] } }'),
    `12:50: ${uploadsAt}.architectures[0]: found \`aarch64\`, expected an architecture as dpkg calls it; write \`arm64\``,
  ],
  [
    'the neutral architecture',
    onDnf('architectures: [noarch]'),
    `12:53: ${composeAt}.architectures[0]: found the text \`noarch\`, expected an architecture such as \`amd64\` or \`x86_64\` (neutral packages come with every one)`,
  ],
  [
    'uploads of an unknown kind',
    ownFile('{ uploads: dep }'),
    `12:19: ${uploadsAt}: found the text \`dep\`, expected \`deb\` or \`rpm\`; did you mean \`deb\`?`,
  ],
  [
    'uploads of no kind',
    ownFile('{ uploads: { keyring: ours.asc } }'),
    `12:19: ${uploadsAt}: found no \`format\`, expected this key`,
  ],
  [
    'keys for packages that nobody signs',
    ownFile('{ uploads: { format: deb, keyring: ours.asc } }'),
    `12:19: ${uploadsAt}: found \`keyring\` with \`format: deb\`, expected it only with \`format: rpm\`: .deb files are not signed one by one, but by the Release that lists them`,
  ],
  [
    'uploads on demand',
    ownFile('{ uploads: deb, policy: on-demand }'),
    '12:32: repositories.own.policy: found `on-demand` with `uploads`, expected `immediate` or no `policy`: what was uploaded is here',
  ],
  [
    'a fallback of uploads',
    ownFile('{ uploads: deb, fallback: ["https://archive.example.org/"] }'),
    '12:35: repositories.own.fallback[0]: found `fallback` without `upstream`, expected it only beside one',
  ],
  [
    'both compose and uploads',
    ownFile('{ compose: { from: [debian] }, uploads: deb }'),
    '12:8: repositories.own: found `compose` and `uploads`, expected only one of them',
  ],
]

describe('a mistake in a repository of ours', () => {
  it.each(mistakes)('%s', (_, text, message) => {
    expect(messageFor(text)).toBe(message)
  })
})
