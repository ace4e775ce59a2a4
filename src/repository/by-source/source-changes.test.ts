import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addToOffer, createOffer, type Offer, type OfferedPackage } from './offer.ts'
import { compareOffers, type SourceChange } from './source-changes.ts'

type Short = [name: string, version: string, more?: Partial<OfferedPackage>]

const offerOf = (...packages: Short[]): Offer => {
  const offer = createOffer()
  for (const [name, version, more = {}] of packages)
    addToOffer(offer, {
      family: 'deb',
      name,
      architecture: 'amd64',
      version,
      source: more.source ?? name,
      sourceVersion: more.sourceVersion ?? version,
      ...more,
    })
  return offer
}
const sourcesOf = (from: Offer, to: Offer) =>
  compareOffers(from, to).sources.map(({ kind, name, before, after }) => [kind, name, before, after])
const downgradesOf = (from: Offer, to: Offer) =>
  compareOffers(from, to).downgrades.map(({ name, before, after, architectures }) => [
    name,
    before,
    after,
    architectures.join(),
  ])

describe('moving from one offer to another, by source package', () => {
  it('says what would go down, vanish, come and go up, in this order, and counts what stays', () => {
    const from = offerOf(['up', '1.0-1'], ['down', '2.0-1'], ['gone', '1'], ['same', '1:1-1'])
    const to = offerOf(['up', '1.1-1'], ['down', '1.9-1'], ['come', '1'], ['same', '1:1-1'])
    expect(sourcesOf(from, to)).toEqual([
      ['downgraded', 'down', '2.0-1', '1.9-1'],
      ['removed', 'gone', '1', undefined],
      ['added', 'come', undefined, '1'],
      ['upgraded', 'up', '1.0-1', '1.1-1'],
    ])
    expect(compareOffers(from, to).count).toEqual({
      ...{ upgraded: 1, downgraded: 1, removed: 1, added: 1, unchanged: 1 },
    })
    expect(downgradesOf(from, to)).toEqual([['down', '2.0-1', '1.9-1', 'amd64']])
  })

  it('takes the version of the source, which packages need not share, from what they say', () => {
    const built = (version: string, sourceVersion: string): Short => [
      'gcc',
      version,
      { source: 'gcc-defaults', sourceVersion },
    ]
    expect(sourcesOf(offerOf(built('4:12.2.0-3', '1.203')), offerOf(built('4:13.2.0-1', '1.208')))).toEqual([
      ['upgraded', 'gcc-defaults', '1.203', '1.208'],
    ])
  })

  it('tells packages that go down though their source stays: the other side has fewer rebuilds', () => {
    const rebuilt = (n: number): Short => [`app`, `1.0-1+b${n}`, { sourceVersion: '1.0-1' }]
    const compared = compareOffers(offerOf(rebuilt(2)), offerOf(rebuilt(1)))
    expect(compared.sources).toEqual([])
    expect(compared.downgrades).toEqual([
      {
        ...{ family: 'deb', name: 'app', source: 'app', before: '1.0-1+b2', after: '1.0-1+b1' },
        architectures: ['amd64'],
      },
    ])
  })

  it('says where only the epoch decides, up or down', () => {
    const kinds = (before: string, after: string) =>
      compareOffers(offerOf(['a', before]), offerOf(['a', after])).sources.map(one => [
        one.kind,
        one.byEpoch ?? false,
      ])
    expect(kinds('2:1.0-1', '1.5-1')).toEqual([['downgraded', true]])
    expect(kinds('1.5-1', '1:1.0-1')).toEqual([['upgraded', true]])
    expect(kinds('1:1.0-1', '2:1.0-1')).toEqual([['upgraded', true]])
    expect(kinds('1:1.0-1', '1:1.5-1')).toEqual([['upgraded', false]])
  })

  it('counts the highest version that a side has, in whatever suites it stands', () => {
    expect(sourcesOf(offerOf(['a', '1.0'], ['a', '1.2'], ['a', '1.1']), offerOf(['a', '1.2']))).toEqual([])
  })

  it('names the sources that build the packages of one that vanishes', () => {
    const from = offerOf(['linux-image', '6.1', { source: 'linux' }], ['old', '1'])
    const to = offerOf(['linux-image', '6.5', { source: 'linux-signed' }])
    const vanished = compareOffers(from, to).sources.filter(({ kind }) => kind === 'removed')
    expect(vanished.map(({ name, replacedBy }) => [name, replacedBy])).toEqual([
      ['linux', ['linux-signed']],
      ['old', undefined],
    ])
  })

  it('compares what a host gets: of the architectures of both sides, with the neutral packages', () => {
    const from = offerOf(
      ['tool', '2', { architecture: 'all' }],
      ['lib', '1', { architecture: 'amd64' }],
      ['lib', '3', { architecture: 'arm64' }],
      ['lib', '2', { architecture: 's390x' }],
    )
    const to = offerOf(
      ['tool', '1', { architecture: 'amd64' }],
      ['tool', '3', { architecture: 'arm64' }],
      ['lib', '2', { architecture: 'amd64' }],
      ['lib', '2', { architecture: 'arm64' }],
    )
    expect(downgradesOf(from, to)).toEqual([
      ['lib', '3', '2', 'arm64'],
      ['tool', '2', '1', 'amd64'],
    ])
    expect(compareOffers(from, to).architectures).toEqual(['amd64', 'arm64'])
  })

  it('without an architecture in common compares sources only', () => {
    const from = offerOf(['a', '2'])
    const to = offerOf(['a', '1', { architecture: 'arm64' }])
    expect(compareOffers(from, to)).toMatchObject({ architectures: [], downgrades: [] })
    expect(sourcesOf(from, to)).toEqual([['downgraded', 'a', '2', '1']])
  })

  it('of neutral packages alone compares these', () => {
    const noarch = { family: 'rpm', architecture: 'noarch' } as const
    expect(downgradesOf(offerOf(['a', '1-2', noarch]), offerOf(['a', '1-1', noarch]))).toEqual([
      ['a', '1-2', '1-1', ''],
    ])
  })

  it('orders versions of RPM packages as rpm does', () => {
    const rpm = (version: string) => offerOf(['a', version, { family: 'rpm', architecture: 'x86_64' }])
    const kinds = (before: string, after: string) => sourcesOf(rpm(before), rpm(after)).map(([kind]) => kind)
    expect(kinds('1.0-1', '1.0^git1-1')).toEqual(['upgraded'])
    expect(kinds('1.0-1', '1.0~rc1-1')).toEqual(['downgraded'])
    expect(kinds('1.01-1', '1.1-1')).toEqual([])
  })
})

const versions = fc.constantFrom('1', '1.0-1', '1.0-1+b1', '1:0.9-1', '2~rc1-1', '2-1')
const packages = fc.array(
  fc.record({
    family: fc.constantFrom('deb' as const, 'rpm' as const),
    name: fc.constantFrom('a', 'b', 'c'),
    architecture: fc.constantFrom('amd64', 'arm64', 'all', 'noarch'),
    version: versions,
    source: fc.constantFrom('a', 's', 't'),
    sourceVersion: versions,
  }),
  { maxLength: 12 },
)
const filled = (some: readonly OfferedPackage[]): Offer => {
  const offer = createOffer()
  for (const one of some) addToOffer(offer, one)
  return offer
}

describe('whatever two sides offer', () => {
  it('does not depend on the order of what is read', () => {
    fc.assert(
      fc.property(packages, packages, (from, to) => {
        const compared = compareOffers(filled(from), filled(to))
        const turned = compareOffers(filled(from.toReversed()), filled(to.toReversed()))
        const plain = ({ sources, downgrades, count }: typeof compared) => ({
          count,
          sources: sources.map(({ kind, family, name }) => [kind, family, name]).sort(),
          downgrades: downgrades
            .map(({ family, name, architectures }) => [family, name, architectures])
            .sort(),
        })
        expect(plain(turned)).toEqual(plain(compared))
      }),
    )
  })

  it('is the opposite the other way round, and of a side with itself nothing', () => {
    const opposite = {
      upgraded: 'downgraded',
      downgraded: 'upgraded',
      added: 'removed',
      removed: 'added',
    } as const
    const told = (sources: SourceChange[], kindOf = (kind: SourceChange['kind']) => kind) =>
      sources.map(({ kind, family, name }) => `${kindOf(kind)} ${family} ${name}`).sort()
    fc.assert(
      fc.property(packages, packages, (from, to) => {
        const there = compareOffers(filled(from), filled(to))
        const back = compareOffers(filled(to), filled(from))
        expect(told(back.sources)).toEqual(told(there.sources, kind => opposite[kind]))
        expect(back.count.unchanged).toBe(there.count.unchanged)
        expect(compareOffers(filled(from), filled(from))).toMatchObject({ sources: [], downgrades: [] })
      }),
    )
  })
})
