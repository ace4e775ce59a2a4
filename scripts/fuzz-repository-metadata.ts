import * as formats from '../src/formats/index.ts'
import {
  createRepository,
  everyChangelog,
  everyKindOfPackage,
} from '../src/formats/rpm/createrepo.fixture.ts'
import type { FuzzTarget } from './fuzz-targets.ts'

type Document = formats.FragmentOptions['document']

const sha256 = '0123456789abcdef'.repeat(4)
const metalink = `<?xml version="1.0"?><metalink version="3.0" xmlns:mm0="http://fedorahosted.org/mirrormanager"><files>
<file name="repomd.xml"><mm0:timestamp>1</mm0:timestamp><size>2</size><verification><hash type="sha256">${sha256}</hash></verification>
<mm0:alternates><mm0:alternate><size>3</size></mm0:alternate></mm0:alternates>
<resources><url protocol="https" location="DE" preference="9">https://mirror.example.org/repomd.xml</url></resources></file></files></metalink>`
const updates = `<updates><update from="a" type="security"><id>EX-1</id><issued date="2026-11-21 06:45"/><references><reference type="cve" id="x"/></references>
<pkglist><collection short="x"><name>y</name><module name="a" stream="1"/><package name="a" epoch="0" version="1" release="2" arch="noarch">
<filename>a.rpm</filename><sum type="sha256">${sha256}</sum><reboot_suggested/></package></collection></pkglist></update></updates>`
const comps = `<!DOCTYPE comps PUBLIC "a" "b"><comps><group><id>a</id><name xml:lang="de">b</name><packagelist><packagereq type="conditional" requires="x">c</packagereq></packagelist></group>
<environment><id>d</id><grouplist><groupid>a</groupid></grouplist></environment><langpacks><match name="a" install="b-%s"/></langpacks></comps>`
const modules = `---\ndocument: modulemd\nversion: 2\ndata:\n  name: &a x\n  summary: *a\n  stream: 1.10\n  dependencies:\n  - requires: {platform: [el8]}
  profiles: {a: {rpms: [b]}}\n  artifacts:\n    rpms:\n    - "x-0:1-1.noarch"\n...\n---\ndocument: modulemd-defaults\ndata: {module: x, profiles: {1: [a]}}\n`
const treeinfo = `[general]\nfamily = x\n[checksums]\nimages/a.iso = sha256:${sha256}\n[images-x86_64]\nkernel: images/a\n[tree]\nvariants = A,\n  B\n[variant-A]\nid = A\n`

/** The parsers of RPM repositories' metadata. */
export const repositoryMetadataTargets: FuzzTarget[] = [
  { name: 'parseRepomd', seeds: () => [written().repomd], read: writtenAgain },
  fragments('primary', fragment => {
    const { href } = formats.identityOf(fragment, 'fuzzed')
    formats.readPrimary(fragment, 'fuzzed')
    formats.readPrimaryLists(fragment, 'fuzzed')
    formats.withLocation(fragment, href, 'fuzzed')
  }),
  fragments('filelists', fragment => formats.readFilelists(fragment, 'fuzzed')),
  fragments('other', fragment => {
    formats.referenceOf(fragment, 'fuzzed')
    formats.readOther(fragment, 'fuzzed')
  }),
  fragments('updateinfo', fragment => formats.advisoryTime(formats.readAdvisory(fragment, 'fuzzed').issued)),
  target('parseMetalink', metalink, bytes => formats.parseMetalink(bytes, 'fuzzed')),
  target('parseMirrorlist', 'http://a.example.org/\n# b\n', bytes =>
    formats.parseMirrorlist(bytes, 'fuzzed'),
  ),
  target('parseComps', comps, readCompsTwice),
  target('parseTreeinfo', treeinfo, bytes => formats.parseTreeinfo(bytes, 'fuzzed')),
  target('readModuleDocument', modules, bytes => {
    for (const document of formats.moduleDocumentsOf(bytes, 'fuzzed'))
      formats.readModuleDocument(document, 'fuzzed')
  }),
]

function target(name: string, seed: string, read: (bytes: Buffer) => unknown): FuzzTarget {
  return { name, seeds: () => [Buffer.from(seed)], read }
}

/** Cuts a document, reads its fragments, and cuts the document that is written of them again. */
function fragments(document: Document, read: (fragment: Buffer) => unknown): FuzzTarget {
  return {
    name: `fragmentsOf ${document}`,
    seeds: () => [document === 'updateinfo' ? Buffer.from(updates) : written()[document]],
    read: async bytes => {
      const found = await cut(document, bytes)
      for (const fragment of found) read(fragment)
      const { head, tail } =
        document === 'updateinfo' ? formats.updateinfoFrame : formats.metadataFrame(document, found.length)
      const again = await cut(document, Buffer.concat([head, ...found, tail]))
      if (again.length !== found.length) throw new Error(`${found.length} fragments became ${again.length}`)
    },
  }
}

async function cut(document: Document, bytes: Buffer): Promise<Buffer[]> {
  const options = { document, maxFragmentBytes: 1 << 20, object: 'fuzzed' }
  const found: Buffer[] = []
  for await (const fragment of formats.fragmentsOf(inPieces(bytes), options))
    found.push(Buffer.from(fragment))
  return found
}

function readCompsTwice(bytes: Buffer): void {
  const { head, tail } = formats.compsFrame
  const { groups } = formats.parseComps(bytes, 'fuzzed')
  const again = Buffer.concat([head, ...groups.map(({ fragment }) => fragment), tail])
  if (formats.parseComps(again, 'fuzzed').groups.length !== groups.length) throw new Error('groups were lost')
}

function writtenAgain(bytes: Buffer): Buffer {
  return formats.writeRepomd(formats.parseRepomd(bytes, 'fuzzed'))
}

let writtenOnce: ReturnType<typeof createRepository> | undefined

function written(): ReturnType<typeof createRepository> {
  writtenOnce ??= createRepository(everyKindOfPackage, { rpm: { changelog: everyChangelog } })
  return writtenOnce
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 500) yield bytes.subarray(start, start + 500)
}
