import { describe, expect, it } from 'vitest'
import { readAdvisory, readModuleDocument } from '../../formats/index.ts'
import type { WrittenAdvisory } from '../compose/dnf/group-documents.ts'
import type { WrittenModule } from '../compose/dnf/reduce-modules.ts'
import { transplantAdvisories } from './transplant-advisories.ts'
import { namesBeside, transplantModules } from './transplant-modules.ts'

function advisory(id: string, ...packages: string[]): WrittenAdvisory {
  const list = packages.map(one => {
    const [name, version] = one.split(' ')
    return `<package name="${name}" version="${version}" release="1" epoch="0" arch="noarch"/>`
  })
  const fragment = Buffer.from(
    `<update type="security"><id>${id}</id><pkglist><collection>${list.join('')}</collection></pkglist></update>`,
  )
  return { fragment, read: readAdvisory(fragment, id) }
}

const shown = (all: WrittenAdvisory[]) =>
  all.map(
    ({ read }) =>
      `${read.id}: ${read.collections.flatMap(({ packages }) => packages.map(one => `${one.name} ${one.version}`)).join(', ')}`,
  )
const isTls = (name: string) => name === 'tls'

describe('advisories of moved packages', () => {
  it('come along, without what they say of packages that did not move', () => {
    const base = [advisory('A', 'other 1')]
    const source = [advisory('A', 'other 1'), advisory('B', 'tls 2', 'other 2'), advisory('C', 'other 2')]
    expect(shown(transplantAdvisories(base, source, isTls))).toEqual(['A: other 1', 'B: tls 2'])
  })

  it('go when the source does not have them: of what is held back nobody is told that it is mended', () => {
    const base = [advisory('A', 'tls 1'), advisory('B', 'tls 2', 'other 2')]
    expect(shown(transplantAdvisories(base, [advisory('A', 'tls 1')], isTls))).toEqual([
      'A: tls 1',
      'B: other 2',
    ])
  })

  it('that grew are the source’s, with what the base had of others', () => {
    const [base, source] = [[advisory('A', 'other 1')], [advisory('A', 'other 1', 'tls 2', 'third 2')]]
    expect(shown(transplantAdvisories(base, source, isTls))).toEqual(['A: other 1, tls 2'])
  })

  it('that do not speak of them stay byte for byte', () => {
    const base = [advisory('A', 'other 1'), advisory('B')]
    expect(transplantAdvisories(base, [], isTls)).toEqual(base)
  })
})

function stream(name: string, version: string, ...artifacts: string[]): WrittenModule {
  const bytes = Buffer.from(
    `---\ndocument: modulemd\nversion: 2\ndata:\n  name: ${name}\n  stream: "1"\n  version: ${version}\n  context: c\n  arch: noarch\n  summary: s\n  description: d\n  license:\n    module: [MIT]\n  artifacts:\n    rpms:\n${artifacts.map(one => `    - ${one}-1.noarch\n`).join('')}...\n`,
  )
  return { bytes, read: readModuleDocument(bytes, name) }
}

const artifactsOf = (all: WrittenModule[]) =>
  all.map(({ read }) =>
    read.kind === 'stream' ? `${read.version}: ${read.artifacts.join(', ')}` : read.kind,
  )

describe('modules of moved packages', () => {
  it('come with them, and those that lost their packages go', () => {
    const base = [stream('tls', '1', 'tls-0:1'), stream('web', '1', 'web-0:1')]
    const source = [stream('tls', '2', 'tls-0:2'), stream('web', '2', 'web-0:2')]
    expect(artifactsOf(transplantModules(base, source, isTls))).toEqual([
      '1: web-0:1-1.noarch',
      '2: tls-0:2-1.noarch',
    ])
  })

  it('names what stands in one version of a stream together', () => {
    const source = [stream('tls', '2', 'tls-0:2', 'tls-libs-0:2')]
    expect(namesBeside(source, 'tls-0:2-1.noarch')).toEqual(['tls', 'tls-libs'])
  })
})
