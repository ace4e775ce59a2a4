import { describe, expect, it } from 'vitest'
import { createRowReader } from './row-reader.ts'
import { createRpmUniverse } from './universe.ts'

const identity = { name: 'app', version: '1-1', architecture: 'x86_64' }

/** What is read of the inside of a `<format>`, by texts. */
function read(format: string) {
  const universe = createRpmUniverse()
  const fragment = `<package type="rpm"><name>app</name><format>${format}</format></package>`
  const { lists } = createRowReader(universe)(identity, Buffer.from(fragment, 'latin1'))
  const { dependencies, words } = universe
  return {
    requires: lists[0].map(one => dependencies.words.texts[one]),
    provides: lists[1].map(one => dependencies.words.texts[one]),
    files: lists[2].map(one => words.texts[one]),
  }
}

const plain = `
    <rpm:provides>
      <rpm:entry name="app" flags="EQ" epoch="1" ver="2" rel="3"/>
      <rpm:entry name="lib.so()(64bit)"/>
    </rpm:provides>
    <rpm:requires>
      <rpm:entry name="/bin/sh" pre="1"/>
      <rpm:entry name="rpmlib(CompressedFileNames)" flags="LE" epoch="0" ver="3.0.4" rel="1"/>
      <rpm:entry name="lib" flags="GE" epoch="0" ver="2"/>
    </rpm:requires>
    <file>/usr/bin/app</file>
    <file type="dir">/etc/app</file>`
const what = {
  requires: ['/bin/sh', 'lib >= 2'],
  provides: ['app = 1:2-3', 'lib.so()(64bit)'],
  files: ['/usr/bin/app', '/etc/app'],
}

describe('a package of primary.xml', () => {
  it.each<[string, string]>([
    ['as createrepo_c writes it', plain],
    ['with a comment', plain.replace('<rpm:requires>', '<rpm:requires><!-- <rpm:entry name="not"/> -->')],
    ['with apostrophes', plain.replaceAll('"', "'")],
    ['with blanks in its tags', plain.replaceAll('/>', ' />').replaceAll('<rpm:entry ', '<rpm:entry\n ')],
    ['with attributes in another order', plain.replace('name="lib" flags="GE"', 'flags="GE" name="lib"')],
    ['with end tags', plain.replaceAll('pre="1"/>', 'pre="1"></rpm:entry>')],
    ['with a character reference', plain.replace('name="lib"', 'name="l&#105;b"')],
    [
      'in two lists of one kind',
      plain.replace('<rpm:entry name="lib" ', '</rpm:requires><rpm:requires><rpm:entry name="lib" '),
    ],
    ['with an empty list', `${plain}<rpm:conflicts/>`],
    ['with a path in CDATA', plain.replace('/usr/bin/app<', '<![CDATA[/usr/bin/app]]><')],
  ])('%s', (_, format) => {
    expect(read(format)).toEqual(what)
  })

  it('without lists has none', () => {
    expect(read('<rpm:requires/><rpm:provides></rpm:provides>')).toEqual({
      requires: [],
      provides: [],
      files: [],
    })
  })

  it.each([
    ['<rpm:requires><rpm:entry/></rpm:requires>'],
    ['<rpm:requires><rpm:entry name="a" flags="XX" ver="1"/></rpm:requires>'],
    ['<rpm:requires><rpm:entry name="a"/>'],
  ])('that is none is an error: %s', format => {
    expect(() => read(format)).toThrow(/the packages tree/)
  })
})
