import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { compsFrame, parseComps } from './comps.ts'

const group = `<group>
    <id>core</id>
    <name>Core &amp; base</name>
    <name xml:lang="de">Kern</name>
    <description>Small</description>
    <default>true</default>
    <packagelist>
      <packagereq type="mandatory">bash</packagereq>
      <packagereq type="conditional" requires="x11">x11-tool</packagereq>
      <packagereq type="optional">nano</packagereq>
      <packagereq type="default">vim</packagereq>
      <packagereq>less</packagereq>
    </packagelist>
  </group>`
const category =
  '<category><id>apps</id><name>Apps</name><grouplist><groupid>core</groupid></grouplist></category>'
const environment = `<environment>
    <id>server</id><name>Server</name>
    <grouplist><groupid>core</groupid></grouplist>
    <optionlist><groupid default="true">extra</groupid></optionlist>
  </environment>`
const langpacks = '<langpacks><match name="office" install="office-langpack-%s"/></langpacks>'
const unknown = '<blacklist><package name="old"/></blacklist>'

const document = (...elements: string[]) =>
  Buffer.concat([
    compsFrame.head,
    ...elements.map(element => Buffer.from(`  ${element}\n`, 'latin1')),
    compsFrame.tail,
  ])
const everything = document(group, category, environment, langpacks, unknown)
const parse = (bytes: Buffer) => parseComps(bytes, 'comps.xml')

const askLibcomps = `
import libcomps, json, sys
c = libcomps.Comps()
assert c.fromxml_str(sys.stdin.read()) >= 0
kinds = {libcomps.PACKAGE_TYPE_MANDATORY: 'mandatory', libcomps.PACKAGE_TYPE_DEFAULT: 'default', libcomps.PACKAGE_TYPE_OPTIONAL: 'optional', libcomps.PACKAGE_TYPE_CONDITIONAL: 'conditional'}
ids = lambda l: [i.name for i in l]
print(json.dumps({
  'groups': [[g.id, g.name, [[p.name, kinds.get(p.type, 'mandatory'), p.requires] for p in g.packages]] for g in c.groups],
  'categories': [[g.id, g.name, ids(g.group_ids)] for g in c.categories],
  'environments': [[g.id, g.name, ids(g.group_ids), ids(g.option_ids)] for g in c.environments],
  'langpacks': [[k, c.langpacks[k]] for k in c.langpacks],
}))`

describe('comps.xml', () => {
  it('says which packages make a group, and which groups a kind of host', () => {
    const conditional = { name: 'x11-tool', type: 'conditional', requires: 'x11' }
    const wanted = (name: string, type: string) => ({ name, type, requires: undefined })
    const packages = [
      wanted('bash', 'mandatory'),
      conditional,
      wanted('nano', 'optional'),
      wanted('vim', 'default'),
      wanted('less', 'mandatory'),
    ]
    expect(parse(everything)).toEqual({
      groups: [{ id: 'core', name: 'Core & base', packages, fragment: Buffer.from(group) }],
      categories: [{ id: 'apps', name: 'Apps', groups: ['core'], fragment: Buffer.from(category) }],
      environments: [
        {
          id: 'server',
          name: 'Server',
          groups: ['core'],
          options: ['extra'],
          fragment: Buffer.from(environment),
        },
      ],
      langpacks: [{ name: 'office', install: 'office-langpack-%s' }],
      others: [Buffer.from(langpacks), Buffer.from(unknown)],
    })
  })

  it('says what libcomps reads in it', () => {
    const { groups, categories, environments, langpacks } = parse(everything)
    expect(
      JSON.parse(execFileSync('/usr/bin/python3', ['-c', askLibcomps], { input: everything }).toString()),
    ).toEqual({
      groups: groups.map(({ id, name, packages }) => [
        id,
        name,
        packages.map(({ name, type, requires }) => [name, type, requires ?? null]),
      ]),
      categories: categories.map(({ id, name, groups }) => [id, name, groups]),
      environments: environments.map(({ id, name, groups, options }) => [id, name, groups, options]),
      langpacks: langpacks.map(({ name, install }) => [name, install]),
    })
  })

  it('has words with blanks around them, and langpacks that say nothing', () => {
    const { groups, langpacks } = parse(
      document(group.replace('nano', '\n nano '), '<langpacks><match name="x"/></langpacks>'),
    )
    expect(groups[0]?.packages[2]?.name).toBe('nano')
    expect(langpacks).toEqual([])
  })

  it('loses no byte of an element that is written again', () => {
    const odd = "<group\n a='1'><!-- x --><id>a</id>\xe9<new/></group >"
    const { groups } = parse(document(odd, group))
    expect(document(groups[0]!.fragment.toString('latin1'), groups[1]!.fragment.toString('latin1'))).toEqual(
      document(odd, group),
    )
  })

  it.each([
    ['', 'none'],
    ['<!DOCTYPE comps>', 'one'],
    ['<!-- a\n --> <!DOCTYPE comps SYSTEM "comps.dtd" >', 'one behind a comment'],
    ['\xef\xbb\xbf<?xml version="1.0"?>\r\n<!DOCTYPE comps PUBLIC "a" "b">', 'one behind a byte order mark'],
  ])('may begin with %j', head => {
    const [first] = parse(Buffer.from(`${head}<comps>${group}</comps>`, 'latin1')).groups
    expect(first!.fragment.toString()).toBe(group)
  })

  it.each([
    ['another document', Buffer.from('<html/>'), 'it should be <comps>'],
    ['entities', Buffer.from('<!DOCTYPE comps [<!ENTITY a "b">]><comps/>'), 'a document type'],
    [
      'entities of elsewhere',
      Buffer.from('<!DOCTYPE comps SYSTEM "a" [<!ENTITY % a SYSTEM "b">%a;]><comps/>'),
      'a document type',
    ],
    ['two document types', Buffer.from('<!DOCTYPE comps><!DOCTYPE comps><comps/>'), 'a document type'],
    ['blanks without end', Buffer.from(`${' '.repeat(100_000)}x`), 'text outside of the element'],
    ['a group without id', document('<group><name>x</name></group>'), 'it has no id'],
    ['a package without name', document(group.replace('bash', '')), 'it has no name'],
  ])('is refused with %s', (_, bytes, message) => {
    expect(() => parse(bytes)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) }),
    )
  })

  it('is read or refused with a YardError, whatever the damage', async () => {
    await expectOnlyYardErrors([everything], async damaged => parse(damaged), 1500)
  })
})
