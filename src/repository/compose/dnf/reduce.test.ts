import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moduleDocumentsOf, parseComps, readAdvisory, readModuleDocument } from '../../../formats/index.ts'
import { withoutElements } from './cut-elements.ts'
import { reducedAdvisory } from './reduce-advisory.ts'
import { reducedComps } from './reduce-comps.ts'
import { reducedModules } from './reduce-modules.ts'

const cut = (text: string, ...kept: boolean[]) =>
  withoutElements(Buffer.from(text), 'p', position => kept[position]!).toString()

describe('elements that are cut out', () => {
  it.each<[string, boolean[], string]>([
    ['<a><p/><p></p></a>', [false, true], '<a><p></p></a>'],
    ['<a>\n  <p x="1">t</p>\n  <p>u</p>\n</a>', [true, false], '<a>\n  <p x="1">t</p>\n</a>'],
    ['<a><!-- <p> --><p>t</p></a>', [false], '<a><!-- <p> --></a>'],
    ['<a><![CDATA[<p>]]><p>t</p></a>', [false], '<a><![CDATA[<p>]]></a>'],
    ['<a><p><![CDATA[</p>]]><!-- </p> --></p>b</a>', [false], '<a>b</a>'],
    [`<a><p x="a > b" y='/>'>t</p ></a>`, [false], '<a></a>'],
    ['<a><pp>t</pp><p.q/><p><q>t</q></p></a>', [false], '<a><pp>t</pp><p.q/></a>'],
  ])('%j', (text, kept, expected) => expect(cut(text, ...kept)).toBe(expected))

  it('a fragment of a megabyte in one element costs neither the stack nor the afternoon', () => {
    const long = `<a><p>${'<q>text</q>\n'.repeat(100_000)}</p></a>`
    expect(cut(long, true)).toBe(long)
    expect(cut(long, false)).toBe('<a></a>')
  })
})

const names = fc.uniqueArray(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 })
const noise = fc.constantFrom(
  '',
  '\n',
  '\n    ',
  '<!-- <package name="x"/> -->',
  '<!--</package>-->',
  '<?x <package> ?>',
)

describe('reduced documents', () => {
  it('an advisory lists what is left of each collection, in its order', () => {
    fc.assert(
      fc.property(
        fc.array(names, { minLength: 1, maxLength: 4 }),
        names,
        noise,
        (collections, left, between) => {
          const listed = collections.map(
            list =>
              `<collection short="s"><name>n</name>${list
                .map(
                  name =>
                    `${between}<package name="${name}" version="1" release="1" epoch="0" arch="noarch"/>`,
                )
                .join('')}</collection>`,
          )
          const fragment = Buffer.from(
            `<update><id>A</id><pkglist>${listed.join(between)}</pkglist></update>`,
          )
          const reduced = reducedAdvisory(fragment, ({ name }) => left.includes(name), 'test')
          const expected = collections
            .map(list => list.filter(name => left.includes(name)))
            .filter(list => list.length > 0)
          const found = reduced && readAdvisory(reduced, 'test').collections
          expect(found?.map(({ packages }) => packages.map(({ name }) => name)) ?? []).toEqual(expected)
        },
      ),
    )
  })

  it('groups, categories and environments name what is left', () => {
    const group = (id: string, list: string[]) =>
      `<group><id>${id}</id><packagelist>${list.map(name => `<packagereq type="default"> ${name} </packagereq>`).join('')}</packagelist></group>`
    fc.assert(
      fc.property(names, names, names, (one, two, left) => {
        const kinds = ['category', 'environment'].map(
          kind =>
            `<${kind}><id>x</id><grouplist>\n<groupid>one</groupid>\n<groupid> two </groupid></grouplist></${kind}>`,
        )
        const text = `<comps>${group('one', one)}${group('two', two)}${kinds.join('')}<langpacks/></comps>`
        const elements = reducedComps(parseComps(Buffer.from(text), 'test'), name => left.includes(name))
        const again = parseComps(
          Buffer.from(`<comps>${elements.map(({ fragment }) => fragment).join('')}</comps>`),
          'test',
        )
        const expected = Object.entries({ one, two })
          .map(([id, list]) => ({ id, names: list.filter(name => left.includes(name)) }))
          .filter(each => each.names.length > 0)
        expect(
          again.groups.map(({ id, packages }) => ({ id, names: packages.map(({ name }) => name) })),
        ).toEqual(expected)
        const ids = expected.map(({ id }) => id)
        for (const { groups } of [...again.categories, ...again.environments]) expect(groups).toEqual(ids)
        expect(again.environments).toHaveLength(Math.min(1, ids.length))
        expect(again.others.map(String)).toEqual(['<langpacks/>'])
      }),
    )
  })

  it('a stream lists the artifacts that are left, and its obsoletes and defaults go with it', () => {
    const artifact = (name: string) => `${name}-0:1-1.noarch`
    const yaml = (list: string[], style: string) =>
      `---\ndocument: modulemd\nversion: 2\ndata:\n  name: m\n  stream: 1\n  artifacts:\n    rpms:${
        style === 'flow'
          ? ` [${list.map(artifact).join(', ')}]\n`
          : `\n${list.map(name => `    - ${style}${artifact(name)}${style}\n`).join('')}`
      }---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: m\n  stream: 1\n`
    fc.assert(
      fc.property(names, names, fc.constantFrom('', '"', "'", 'flow'), (all, left, style) => {
        const documents = moduleDocumentsOf(Buffer.from(yaml(all, style)), 'test').map(bytes => ({
          bytes,
          read: readModuleDocument(bytes, 'test'),
        }))
        const reduced = reducedModules(documents, one => left.map(artifact).includes(one))
        const still = all.filter(name => left.includes(name))
        expect(reduced.map(({ read }) => read.kind)).toEqual(still.length === 0 ? [] : ['stream', 'defaults'])
        for (const { bytes, read } of reduced) {
          expect(readModuleDocument(bytes, 'test')).toEqual(read)
          if (read.kind === 'stream' && style !== 'flow') expect(read.artifacts).toEqual(still.map(artifact))
        }
      }),
    )
  })
})
