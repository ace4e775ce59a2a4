import { describe, expect, it } from 'vitest'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { createFragmentScanner } from './fragments.ts'
import { advisoryTime, readAdvisory, updateinfoFrame } from './updateinfo.ts'

const sha256 = '0123456789abcdef'.repeat(4)
const update = `<update from="updates@example.org" status="final" type="security" version="2.0">
  <id>EX-2026-1</id>
  <title>tool &amp; more</title>
  <issued date="2026-11-20 06:45:00"/>
  <updated date="2026-11-21"/>
  <rights>All</rights>
  <release>Example 1</release>
  <pushcount>1</pushcount>
  <severity>Important</severity>
  <summary>Short</summary>
  <description>Long
text</description>
  <solution>Update</solution>
  <references>
    <reference href="https://example.org/CVE-2026-1" id="CVE-2026-1" title="A hole" type="cve"/>
    <reference href="https://example.org/1" id="1" type="bugzilla"/>
  </references>
  <pkglist>
    <collection short="EX-1">
      <name>Example 1</name>
      <module name="tool" stream="1.10" version="820" context="ab12" arch="x86_64"/>
      <package name="tool" version="2.0" release="3" epoch="1" arch="x86_64" src="tool-2.0-3.src.rpm">
        <filename>tool-2.0-3.x86_64.rpm</filename>
        <sum type="sha256">${sha256}</sum>
        <sum type="unheard">x</sum>
        <reboot_suggested/>
        <restart_suggested>False</restart_suggested>
        <relogin_suggested>1</relogin_suggested>
      </package>
      <package name="other" version="1" release="1" arch="noarch"/>
    </collection>
    <collection/>
  </pkglist>
</update>`
const read = (text: string) => readAdvisory(Buffer.from(text, 'latin1'), 'updateinfo.xml')

describe('an advisory', () => {
  it('says why which packages were updated', () => {
    expect(read(update)).toEqual({
      id: 'EX-2026-1',
      from: 'updates@example.org',
      status: 'final',
      type: 'security',
      version: '2.0',
      title: 'tool & more',
      severity: 'Important',
      release: 'Example 1',
      rights: 'All',
      summary: 'Short',
      description: 'Long\ntext',
      solution: 'Update',
      issued: '2026-11-20 06:45:00',
      updated: '2026-11-21',
      references: [
        { type: 'cve', id: 'CVE-2026-1', href: 'https://example.org/CVE-2026-1', title: 'A hole' },
        { type: 'bugzilla', id: '1', href: 'https://example.org/1', title: '' },
      ],
      collections: [
        {
          short: 'EX-1',
          name: 'Example 1',
          module: { name: 'tool', stream: '1.10', version: '820', context: 'ab12', arch: 'x86_64' },
          packages: [
            {
              name: 'tool',
              epoch: '1',
              version: '2.0',
              release: '3',
              arch: 'x86_64',
              src: 'tool-2.0-3.src.rpm',
              filename: 'tool-2.0-3.x86_64.rpm',
              checksums: [{ algorithm: 'sha256', hex: sha256 }],
              rebootSuggested: true,
              restartSuggested: false,
              reloginSuggested: true,
            },
            {
              name: 'other',
              epoch: '0',
              version: '1',
              release: '1',
              arch: 'noarch',
              src: '',
              filename: '',
              checksums: [],
              rebootSuggested: false,
              restartSuggested: false,
              reloginSuggested: false,
            },
          ],
        },
        { short: '', name: '', module: undefined, packages: [] },
      ],
    })
  })

  it('may say no more than its id', () => {
    const empty = { title: '', severity: '', issued: '', updated: '', references: [], collections: [] }
    expect(read('<update><id> X </id></update>')).toMatchObject({ id: 'X', ...empty })
  })

  it('is cut out of its document, and put into one, byte for byte', () => {
    const scanner = createFragmentScanner({ document: 'updateinfo', maxFragmentBytes: 1 << 20, object: 'x' })
    const { head, tail } = updateinfoFrame
    const document = Buffer.concat([head, Buffer.from(`${update}\n<update><id>2</id></update>\n`), tail])
    expect(scanner.push(document).map(String)).toEqual([update, '<update><id>2</id></update>'])
    scanner.end()
  })

  it.each([
    ['2026-11-21', Date.UTC(2026, 10, 21)],
    ['2026-11-21 06:45', Date.UTC(2026, 10, 21, 6, 45)],
    ['2026-11-21 06:45:01', Date.UTC(2026, 10, 21, 6, 45, 1)],
    ['2026-11-21 06:45:01 UTC', Date.UTC(2026, 10, 21, 6, 45, 1)],
    ['2026-11-21T06:45:01Z', Date.UTC(2026, 10, 21, 6, 45, 1)],
    ['2026-11-21 06:45:01.123456', Date.UTC(2026, 10, 21, 6, 45, 1)],
    ['1795243500', 1_795_243_500_000],
    ['', undefined],
    ['soon', undefined],
    ['2026-13-21', undefined],
    ['2026-11-21 25:00', undefined],
  ])('may be dated %j', (date, time) => {
    expect(advisoryTime(date)).toBe(time)
  })

  it.each([
    ['no id', update.replace(/<id>.*<\/id>/, ''), 'advisory ?: it has no id'],
    ['two ids', update.replace(/<id>.*<\/id>/, '$&$&'), '<id> stands twice'],
    [
      'a package without name',
      update.replace('name="other" ', ''),
      'advisory EX-2026-1: it has no package with name',
    ],
    [
      'an epoch in words',
      update.replace('epoch="1"', 'epoch="x"'),
      'advisory EX-2026-1: malformed epoch "x"',
    ],
    ['half a digest', update.replace(sha256, 'ab'), 'malformed sha256'],
    ['another element', '<package/>', 'it should be <update>'],
  ])('is refused with %s', (_, text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) }),
    )
  })

  it('is read or refused with a YardError, whatever the damage', async () => {
    await expectOnlyYardErrors([Buffer.from(update)], async damaged => readAdvisory(damaged, 'x'), 1500)
  })
})
