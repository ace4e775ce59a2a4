import { describe, expect, it } from 'vitest'
import { inChunks } from '../archive/chunks.fixture.ts'
import { formatEvr } from '../version/index.ts'
import { buildRpms } from './build-rpms.fixture.ts'
import { formatRpmDependency } from './dependencies.ts'
import { packageBytesOf } from './header.fixture.ts'
import { packageOf, type RpmPackage } from './package.ts'
import { readRpm } from './package-file.ts'
import { askAboutRpm } from './rpm-query.fixture.ts'
import type { RpmTrigger } from './scripts.ts'
import type { WrittenTag } from './write-header.ts'

const packages = buildRpms(
  [
    {
      name: 'tool',
      epoch: 4,
      version: '1.0^git1',
      arch: 'native',
      preamble: [
        'URL: https://tool.example.org/',
        'Vendor: Example',
        'Packager: P <p@example.org>',
        'Group: Tools',
        'Provides: virtual = 1:2-3',
        'Requires: foo >= 1.0, /bin/sh, (a if b)',
        'Requires(pre): useradd',
        'Conflicts: c < 1',
        'Obsoletes: o <= 1-2',
        'Recommends: r',
        'Suggests: s = 1',
        'Supplements: (p and q)',
        'Enhances: e',
      ],
      files: { '/etc/tool.conf': 'x', '/usr/bin/tool': 'y'.repeat(5000), '/usr/share/tool/caf\xe9': 'z' },
      fileList: [
        '%config(noreplace) /etc/tool.conf',
        '/usr/bin/tool',
        '/usr/share/tool',
        '%ghost /var/log/tool.log',
        '%ghost %dir /var/lib/tool',
      ],
      sections: {
        '%pretrans -p <lua>': 'print("pretrans")',
        '%pre': 'echo pre',
        '%post -p /sbin/ldconfig': '',
        '%preun -e': 'echo preun %%{name}',
        '%postun': 'echo postun',
        '%posttrans': 'echo posttrans',
        '%verifyscript': 'echo verify',
        '%triggerprein -- foo': 'echo prein',
        '%triggerin -p /usr/bin/perl -- foo < 2, bar >= 1:2-3': 'print',
        '%triggerun -- foo': 'echo un',
        '%triggerpostun -- foo': 'echo trigger postun',
        '%filetriggerin -P 100 -- /usr/lib /opt': 'echo files',
        '%filetriggerpostun -- /usr/lib': 'echo files',
        '%transfiletriggerin -P 7 -- /usr/share': 'echo transaction',
        '%transfiletriggerun -- /usr/share': 'echo transaction',
      },
    },
    { name: 'bare' },
  ],
  {
    head: ['ModularityLabel: tools:1:2:c0ffee'],
    changelog: ['* Tue Nov 03 2026 B <b@example.org>', '- new', '* Mon Nov 02 2026 A', '- old', '- two'].join(
      '\n',
    ),
    withSource: true,
  },
)
const tool = packages.get('tool-1.0^git1-1.x86_64.rpm')!
const nosrc = buildRpms([], { sources: { secret: 'x' }, head: ['NoSource: 0'], withSource: true })

async function read(bytes: Buffer): Promise<RpmPackage> {
  return packageOf(await readRpm(inChunks(bytes, 5000), 'tool.rpm'), 'tool.rpm')
}

const relations = [
  ['provides', 'PROVIDE'],
  ['requires', 'REQUIRE'],
  ['conflicts', 'CONFLICT'],
  ['obsoletes', 'OBSOLETE'],
  ['recommends', 'RECOMMEND'],
  ['suggests', 'SUGGEST'],
  ['supplements', 'SUPPLEMENT'],
  ['enhances', 'ENHANCE'],
] as const

/** What rpm prints for a query format, line by line. */
function query(bytes: Buffer, format: string): string[] {
  const text = askAboutRpm(bytes, 'rpm', '-qp', '--nosignature', '--nodigest', '--qf', format)
  return text.split('\n').slice(0, -1)
}

describe.each([...packages, ...nosrc])('%s', (name, bytes) => {
  it.each(relations)('has the %s that rpm prints', async (list, tag) => {
    const rpm = await read(bytes)
    expect(rpm[list].map(formatRpmDependency)).toEqual(query(bytes, `[%{${tag}NEVRS}\\n]`))
  })

  it('has the name, texts and sizes that rpm prints', async () => {
    const rpm = await read(bytes)
    const { version, release, sourceRpm, buildTime, installedSize, archiveSize } = rpm
    const evr = formatEvr({ epoch: rpm.epoch?.toString(), version, release })
    const texts = [rpm.summary, rpm.description, rpm.packager, rpm.url, rpm.license, rpm.vendor, rpm.group]
    const names = [rpm.name, evr, rpm.buildHost, sourceRpm, rpm.modularityLabel]
    const ours = [...texts, ...names, buildTime, installedSize, archiveSize].map(
      value => `${value ?? '(none)'}`,
    )
    const tags = ['SUMMARY', 'DESCRIPTION', 'PACKAGER', 'URL', 'LICENSE', 'VENDOR', 'GROUP']
    const more = ['NAME', 'EVR', 'BUILDHOST', 'SOURCERPM', 'MODULARITYLABEL']
    const numbers = ['BUILDTIME', 'LONGSIZE', 'LONGARCHIVESIZE']
    expect(ours).toEqual(query(bytes, [...tags, ...more, ...numbers].map(tag => `%{${tag}}\\n`).join('')))
    const isSource = name.endsWith('src.rpm')
    expect([rpm.arch, rpm.lacksSources]).toEqual([
      isSource ? 'src' : query(bytes, '%{ARCH}\\n')[0],
      name.endsWith('.nosrc.rpm'),
    ])
  })

  it('has the files that rpm lists', async () => {
    const { files } = await read(bytes)
    const theirs = query(bytes, '[%{FILENAMES}|%{FILEMODES:perms}|%{FILEFLAGS}\\n]').map(line => {
      const [path, mode, flags] = line.split('|') as [string, string, string]
      const isGhost = (Number(flags) & 64) !== 0
      return { path, type: mode.startsWith('d') ? 'dir' : isGhost ? 'ghost' : 'file', flags: Number(flags) }
    })
    expect(files).toEqual(theirs)
  })

  it('has the changelog that rpm prints', async () => {
    const { changelogs } = await read(bytes)
    const theirs = query(bytes, '[%{CHANGELOGTIME}|%{CHANGELOGNAME}|%{CHANGELOGTEXT}\\n]').join('\n')
    expect(changelogs.map(({ time, author, text }) => `${time}|${author}|${text}`).join('\n')).toBe(theirs)
  })
})

describe('scriptlets', () => {
  it('are those of the spec file', async () => {
    const { scriptlets } = await read(tool)
    const sh = ['/bin/sh']
    expect(scriptlets).toEqual([
      { kind: 'pretrans', script: 'print("pretrans")', program: ['<lua>'], flags: 0 },
      { kind: 'pre', script: 'echo pre', program: sh, flags: 0 },
      { kind: 'post', script: undefined, program: ['/sbin/ldconfig'], flags: 0 },
      { kind: 'preun', script: 'echo preun %{name}', program: sh, flags: 1 },
      { kind: 'postun', script: 'echo postun', program: sh, flags: 0 },
      { kind: 'posttrans', script: 'echo posttrans', program: sh, flags: 0 },
      { kind: 'verifyscript', script: 'echo verify', program: sh, flags: 0 },
    ])
    const printed = askAboutRpm(tool, 'rpm', '-qp', '--nosignature', '--scripts')
    for (const { script = '' } of scriptlets) expect(printed).toContain(script)
  })

  it('of rpm 4.19 are there too', async () => {
    const { scriptlets } = await readHandmade([
      { tag: 5103, type: 6, values: ['a'] },
      { tag: 5105, type: 8, values: ['/bin/sh', '-x'] },
      { tag: 5108, type: 4, values: [2] },
      { tag: 5106, type: 6, values: ['<lua>'] },
    ])
    expect(scriptlets).toEqual([
      { kind: 'preuntrans', script: 'a', program: ['/bin/sh', '-x'], flags: 0 },
      { kind: 'postuntrans', script: undefined, program: ['<lua>'], flags: 2 },
    ])
  })
})

describe('triggers', () => {
  it.each<[RpmTrigger['scope'], string]>([
    ['package', ''],
    ['file', 'FILE'],
    ['transaction', 'TRANSFILE'],
  ])('of the scope %s are those that rpm prints', async (scope, prefix) => {
    const { triggers } = await read(tool)
    const ours = triggers
      .filter(trigger => trigger.scope === scope)
      .map(({ conditions, on, script, program, flags, priority }) => {
        const names = conditions.map(formatRpmDependency).join(', ')
        return [names, on, script, program, flags, ...(priority === undefined ? [] : [priority])].join('|')
      })
    const tags = ['CONDS', 'TYPE', 'SCRIPTS', 'SCRIPTPROG'].map(tag => `%{${prefix}TRIGGER${tag}}`)
    const priorities = scope === 'package' ? '' : `|%{${prefix}TRIGGERPRIORITIES}`
    expect(ours).toEqual(query(tool, `[${tags.join('|')}|0${priorities}\\n]`))
    expect(ours.length).toBeGreaterThan(1)
  })
})

describe('a package from before', () => {
  it('rpm 4.12 has its weak dependencies where newer ones have them', async () => {
    const strong = 1 << 27
    const rpm = await readHandmade([
      { tag: 1156, type: 8, values: ['weak', 'strong'] },
      { tag: 1157, type: 8, values: ['', '1'] },
      { tag: 1158, type: 4, values: [0, strong | 8] },
      { tag: 1159, type: 8, values: ['weak', 'strong'] },
      { tag: 1160, type: 8, values: ['', '1'] },
      { tag: 1161, type: 4, values: [0, strong | 8] },
    ])
    const { suggests, recommends, enhances, supplements } = rpm
    expect([suggests, recommends, enhances, supplements].map(list => list.map(formatRpmDependency))).toEqual([
      ['weak'],
      ['strong = 1'],
      ['weak'],
      ['strong = 1'],
    ])
  })

  it('rpm 4 has its files', async () => {
    const { files } = await readHandmade([
      { tag: 1027, type: 8, values: ['/etc', '/etc/old'] },
      { tag: 1030, type: 3, values: [0o040755, 0o100644] },
      { tag: 1037, type: 4, values: [0, 1] },
    ])
    expect(files).toEqual([
      { path: '/etc', type: 'dir', flags: 0 },
      { path: '/etc/old', type: 'file', flags: 1 },
    ])
  })

  it('rpm 4.8 is a source package when its files have no directory', async () => {
    const files = (directory: string): WrittenTag[] => [
      { tag: 1116, type: 4, values: [0] },
      { tag: 1117, type: 8, values: ['old.spec'] },
      { tag: 1118, type: 8, values: [directory] },
      { tag: 1030, type: 3, values: [0o100644] },
      { tag: 1037, type: 4, values: [0] },
    ]
    expect(await readHandmade(files(''))).toMatchObject({ arch: 'src', sourceRpm: undefined })
    expect(await readHandmade(files('/'))).toMatchObject({ arch: 'noarch', sourceRpm: '(none)' })
  })
})

describe('a package that makes no sense', () => {
  const provide = (names: string[], flags: number[], versions: string[]): WrittenTag[] => [
    { tag: 1047, type: 8, values: names },
    { tag: 1112, type: 4, values: flags },
    { tag: 1113, type: 8, values: versions },
  ]

  it.each<[string, WrittenTag[], string]>([
    ['too few flags', provide(['a', 'b'], [0], ['', '']), 'PROVIDEFLAGS has 1 items, not 2'],
    ['too many versions', provide(['a'], [0], ['', '']), 'PROVIDEVERSION has 2 items, not 1'],
    ['no flags', provide(['a'], [0], ['']).slice(0, 1), 'PROVIDEFLAGS has 0 items, not 1'],
    [
      'a file without a directory',
      [
        { tag: 1116, type: 4, values: [1] },
        { tag: 1117, type: 8, values: ['x'] },
        { tag: 1118, type: 8, values: ['/'] },
      ],
      'DIRINDEXES has 1, beyond DIRNAMES',
    ],
    [
      'a trigger without a script',
      [
        { tag: 1065, type: 8, values: ['x'] },
        { tag: 1092, type: 8, values: ['/bin/sh'] },
        { tag: 1066, type: 8, values: ['foo'] },
        { tag: 1067, type: 8, values: [''] },
        { tag: 1068, type: 4, values: [0] },
        { tag: 1069, type: 4, values: [1] },
      ],
      'TRIGGERINDEX has 1, beyond its scripts',
    ],
    [
      'a changelog without authors',
      [{ tag: 1080, type: 4, values: [1] }],
      'CHANGELOGNAME has 0 items, not 1',
    ],
  ])('has %s, which is refused', async (_, more, reason) => {
    await expect(readHandmade(more)).rejects.toMatchObject({
      code: 'invalid',
      message: `tool.rpm is no valid RPM package: its header: ${reason}`,
    })
  })

  it.each([
    [1000, 'NAME'],
    [1001, 'VERSION'],
    [1002, 'RELEASE'],
    [1022, 'ARCH'],
  ])('lacks tag %i, %s, or has an empty one', async (number, name) => {
    const reason = { message: `tool.rpm is no valid RPM package: its header: ${name} is missing` }
    const without = basis.filter(({ tag }) => tag !== number)
    await expect(read(packageBytesOf({ header: without }))).rejects.toMatchObject(reason)
    const empty = [...without, { tag: number, type: 6, values: [''] }]
    await expect(read(packageBytesOf({ header: empty }))).rejects.toMatchObject(reason)
  })
})

const basis: WrittenTag[] = [
  { tag: 1000, type: 6, values: ['tool'] },
  { tag: 1001, type: 6, values: ['1'] },
  { tag: 1002, type: 6, values: ['1'] },
  { tag: 1022, type: 6, values: ['noarch'] },
]

function readHandmade(more: WrittenTag[]): Promise<RpmPackage> {
  return read(packageBytesOf({ header: [...basis, ...more] }))
}
