import { describe, expect, it } from 'vitest'
import { type Advisory, readAdvisory } from '../../formats/index.ts'
import { byteStringOfText, bytesOf } from '../../model/index.ts'
import { packageChanges } from '../package-changes.ts'
import { rowFor } from '../rows.fixture.ts'
import {
  type AdvisoryChange,
  advisoryChange,
  broughtBy,
  createKnownAdvisories,
  joined,
  sortedAdvisories,
} from './advisory-changes.ts'

function advisoryOf(inside: string, attributes = 'type="security"'): Advisory {
  const id = inside.includes('<id>') ? '' : '<id>EX-1</id>'
  return readAdvisory(bytesOf(byteStringOfText(`<update ${attributes}>${id}${inside}</update>`)), 'test')
}

const pkglist = (...packages: string[]) => `<pkglist><collection>${packages.join('')}</collection></pkglist>`
const asked = (name: string, version: string, inside = '', arch = 'x86_64') =>
  `<package name="${name}" version="${version}" release="1" epoch="0" arch="${arch}">${inside}</package>`

const rpm = (name: string, version: string) =>
  rowFor(name, `${version}-1`, { family: 'rpm', suite: '', component: '', ownArchitecture: 'x86_64' })
const nothing = broughtBy([])
const told = (advisory: Advisory) => advisoryChange('new', advisory, nothing)

describe('which advisories come in', () => {
  const dated = (updated: string) => advisoryOf(`<updated date="${updated}"/>`)

  it('those that were not there, and those that say that they were updated since', () => {
    const known = createKnownAdvisories()
    known.add(dated('2026-11-20 06:45:00'))
    expect(known.kindOf(advisoryOf('<id>EX-2</id>'))).toBe('new')
    expect(known.kindOf(dated('2026-11-21'))).toBe('updated')
    expect(known.kindOf(dated('2026-11-20 06:45:00'))).toBeUndefined()
  })

  it('the same moment in other words is no update', () => {
    const known = createKnownAdvisories()
    known.add(dated('2026-11-20'))
    expect(known.kindOf(dated('2026-11-20 00:00:00 UTC'))).toBeUndefined()
    expect(known.kindOf(dated('soon'))).toBe('updated')
  })
})

describe('what is told of an advisory', () => {
  it('what it says, as text, with its moments', () => {
    const advisory = advisoryOf(
      `<title>Löcher</title><severity>Important</severity><issued date="2026-11-20 06:45:00"/>
       <references><reference type="bugzilla" id="1"/><reference type="bugzilla" id="2"/>
       <reference type="bugzilla" id="2"/><reference type="self" id="3"/></references>`,
    )
    expect(told(advisory)).toEqual({
      kind: 'new',
      id: 'EX-1',
      type: 'security',
      severity: 'Important',
      title: 'Löcher',
      cves: [],
      bugs: 2,
      issued: '20261120T064500Z',
      packages: [],
    })
  })

  it('the CVEs that its references are of, each once and in order', () => {
    const reference = (id: string) => `<reference type="cve" id="${id}"/>`
    const ids = ['CVE-2026-10000', 'CVE-2026-9999', 'CVE-2025-1234', 'cve-2026-9999']
    const advisory = advisoryOf(
      `<description>Not CVE-2020-0001.</description><references>${ids.map(reference).join('')}</references>`,
    )
    expect(told(advisory).cves).toEqual(['CVE-2025-1234', 'CVE-2026-9999', 'CVE-2026-10000'])
  })

  it('without such references the CVEs that its prose names', () => {
    const advisory = advisoryOf(
      `<title>tool: CVE-2026-0003</title><description>Fixes CVE-2026-0002, XCVE-2026-0009 and CVE-2026-1.</description>
       <references><reference type="bugzilla" id="7" title="CVE-2026-0001 tool: a hole"/></references>`,
    )
    expect(told(advisory).cves).toEqual(['CVE-2026-0001', 'CVE-2026-0002', 'CVE-2026-0003'])
  })

  it('the packages that the changes bring, in that version or a newer one, and from an older one', () => {
    const changes = packageChanges({
      removed: [rpm('exact', '1'), rpm('further', '1'), rpm('already', '2'), rpm('short', '1')],
      added: [
        ...[rpm('exact', '2'), rpm('further', '3'), rpm('already', '3'), rpm('short', '1.5')],
        ...[rpm('come', '2'), rpm('other', '2')],
      ],
    })
    const names = ['exact', 'further', 'already', 'short', 'come', 'absent']
    const advisory = advisoryOf(
      pkglist(
        ...names.map(name => asked(name, '2')),
        asked('other', '2', '', 'aarch64'),
        asked('exact', '2'),
      ),
    )
    expect(advisoryChange('new', advisory, broughtBy(changes)).packages).toEqual([
      { name: 'come', architecture: 'x86_64', version: '2-1' },
      { name: 'exact', architecture: 'x86_64', version: '2-1' },
      { name: 'further', architecture: 'x86_64', version: '3-1' },
    ])
  })

  it('what it suggests for a package stands at the package, and the strongest at the advisory', () => {
    const changes = packageChanges({ removed: [], added: [rpm('a', '2'), rpm('b', '2')] })
    const advisory = advisoryOf(
      pkglist(
        asked('a', '2', '<relogin_suggested>True</relogin_suggested>'),
        asked('b', '2', '<restart_suggested>1</restart_suggested><reboot_suggested>False</reboot_suggested>'),
        asked('absent', '2', '<reboot_suggested/>'),
      ),
    )
    const { needs, packages } = advisoryChange('new', advisory, broughtBy(changes))
    expect(packages.map(one => [one.name, one.needs])).toEqual([
      ['a', 'relogin'],
      ['b', 'restart'],
    ])
    expect(needs).toBe('reboot')
  })

  it('an advisory that stands twice is one with the packages of both', () => {
    const changes = packageChanges({ removed: [], added: [rpm('a', '2'), rpm('b', '2')] })
    const of = (...packages: string[]) =>
      advisoryChange('new', advisoryOf(pkglist(...packages)), broughtBy(changes))
    const both = joined(of(asked('a', '2')), of(asked('a', '2'), asked('b', '2', '<reboot_suggested/>')))
    expect(both).toMatchObject({ needs: 'reboot', packages: [{ name: 'a' }, { name: 'b' }] })
  })
})

it('security comes first and the worst of it at the top', () => {
  const of = (id: string, type: string, severity: string): AdvisoryChange => ({
    ...told(advisoryOf(`<id>${id}</id><severity>${severity}</severity>`, `type="${type}"`)),
  })
  const sorted = sortedAdvisories([
    ...[of('f', 'bugfix', 'Critical'), of('e', 'security', ''), of('d', 'security', 'Low')],
    ...[of('c', 'Security', 'medium'), of('b', 'security', 'Important'), of('a2', 'security', 'Critical')],
    of('a1', 'security', 'critical'),
  ])
  expect(sorted.map(({ id }) => id)).toEqual(['a1', 'a2', 'b', 'c', 'd', 'e', 'f'])
})
