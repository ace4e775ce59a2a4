import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { buildRpms, type RpmOptions, type RpmRecipe } from './build-rpms.fixture.ts'

/** What createrepo_c wrote. */
export interface CreatedRepository {
  repomd: Buffer
  primary: Buffer
  filelists: Buffer
  other: Buffer
}

/** Metadata of these packages, in the folder `Packages`, as the real createrepo_c writes it. */
export function createRepository(
  recipes: RpmRecipe[],
  { rpm = {}, options = [] }: { rpm?: RpmOptions; options?: string[] } = {},
): CreatedRepository {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-createrepo-'))
  try {
    mkdirSync(join(directory, 'Packages'))
    for (const [name, bytes] of recipes.length === 0 ? [] : buildRpms(recipes, rpm))
      writeFileSync(join(directory, 'Packages', name), bytes)
    execFileSync('createrepo_c', ['-q', '--no-database', '--revision=7', ...options, directory], {
      stdio: 'pipe',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    })
    const files = readdirSync(join(directory, 'repodata'))
    const document = (kind: string) =>
      gunzipSync(
        readFileSync(join(directory, 'repodata', files.find(name => name.endsWith(`${kind}.xml.gz`))!)),
      )
    return {
      repomd: readFileSync(join(directory, 'repodata/repomd.xml')),
      primary: document('primary'),
      filelists: document('filelists'),
      other: document('other'),
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Packages whose metadata show everything that createrepo_c writes. */
export const everyKindOfPackage: RpmRecipe[] = [
  {
    name: 'tool',
    version: '2.0~rc1',
    release: '3.el9',
    epoch: 1,
    summary: 'A <tool> & more "things"',
    description: "Says </package> & <![CDATA[nothing]]>,\n\tit's é\n",
    preamble: [
      'URL: https://example.org/?a=1&b=2',
      'Vendor: Example & Sons',
      'Provides: tool-api = 2:2.0-1, tool(x<y) = 1',
      'Requires: other >= 1.0, (a or b)',
      'Requires(pre): /bin/sh',
      'Conflicts: enemy < 2',
      'Obsoletes: old <= 1',
      'Recommends: nice',
      'Suggests: perhaps',
      'Supplements: base',
      'Enhances: more > 5',
    ],
    files: { '/etc/tool.conf': 'x', '/usr/bin/tool': 'x', '/usr/share/tool/a & b': 'x' },
    fileList: [
      '/etc/tool.conf',
      '/usr/bin/tool',
      '%dir /usr/share/tool',
      '"/usr/share/tool/a & b"',
      '%ghost /var/tool.log',
    ],
  },
  { name: 'plain' },
  { name: 'native', arch: 'native', version: '10', release: '0.1' },
]

export const everyChangelog = `* Sat Nov 21 2026 A & B <ab@example.org> - 2
- Second <change>
* Fri Nov 20 2026 A & B <ab@example.org> - 1
- First
`
