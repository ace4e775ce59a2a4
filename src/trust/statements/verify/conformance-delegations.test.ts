import { describe, expect, it } from 'vitest'
import type { StatementSigner } from '../statement-key.ts'
import { newSigner } from './repository.fixture.ts'
import { createRepository, type TufRepository } from './tuf-repository.fixture.ts'

const top = ['2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json']
const rolesAsked = (asked: string[]) =>
  asked.slice(top.length).map(file => file.replace(/^\d+\.|\.json$/g, ''))

interface Edge {
  from?: string
  to: string
  paths?: string[]
  ends?: boolean
}

/** One version of everything; a role that several delegate to is signed for all of them. */
function publishGraph(edges: Edge[], files: [role: string, path: string][] = []): TufRepository {
  const repository = createRepository()
  for (const { from = 'targets', to, paths = ['*'], ends = false } of edges)
    repository.delegate(to, paths, { delegator: from, terminating: ends })
  for (const [role, path] of files) repository.add(role, path, `${path} by ${role}`)
  repository.targets.version = repository.snapshot.version = repository.timestamp.version = 0
  repository.publish(...new Set(edges.map(({ to }) => to)), 'targets', 'snapshot', 'timestamp')
  return repository
}

/** The cases of github.com/theupdateframework/tuf-conformance on delegations, told again. */
describe('a look-up walks through delegations depth first, in their order', () => {
  it.each<[string, Edge[], string]>([
    ['one', [{ to: 'A' }], 'A'],
    ['two side by side', [{ to: 'A' }, { to: 'B' }], 'A B'],
    ['two levels', [{ to: 'A' }, { to: 'B' }, { from: 'B', to: 'C' }], 'A B C'],
    [
      'children before siblings',
      [{ to: 'A' }, { to: 'B' }, { from: 'A', to: 'C' }, { from: 'A', to: 'D' }],
      'A C D B',
    ],
    [
      'grandchildren before siblings',
      [{ to: 'A' }, { to: 'B' }, { from: 'A', to: 'C' }, { from: 'C', to: 'D' }],
      'A C D B',
    ],
    [
      'a terminating one ends it',
      [{ to: 'A' }, { to: 'B' }, { from: 'A', to: 'C', ends: true }, { from: 'A', to: 'D' }],
      'A C',
    ],
    [
      'a terminating one with its descendants ends it',
      [{ to: 'A' }, { to: 'B' }, { from: 'A', to: 'C', ends: true }, { from: 'C', to: 'D' }],
      'A C D',
    ],
    ['paths that do not match', [{ to: 'A', paths: ['*.py'] }, { to: 'B' }, { from: 'A', to: 'C' }], 'B'],
    [
      'paths that do not match, deeper',
      [{ to: 'A' }, { to: 'B' }, { from: 'A', to: 'C', paths: ['*.py'] }, { from: 'C', to: 'D' }],
      'A B',
    ],
    [
      'a circle',
      [{ to: 'A' }, { to: 'B' }, { from: 'B', to: 'C' }, { from: 'C', to: 'D' }, { from: 'D', to: 'B' }],
      'A B C D',
    ],
    [
      'one role by two ways',
      [{ to: 'A' }, { to: 'B' }, { from: 'B', to: 'C' }, { from: 'A', to: 'C' }],
      'A C B',
    ],
    [
      'one role by two ways with other paths',
      [{ to: 'A' }, { to: 'B' }, { from: 'B', to: 'C' }, { from: 'A', to: 'C', paths: ['*.py'] }],
      'A B C',
    ],
  ])('%s', async (_, edges, visited) => {
    const client = publishGraph(edges).client()
    expect(await client.read('missingpath')).toEqual(['nowhere'])
    expect(rolesAsked(client.asked()).join(' ')).toBe(visited)
  })

  const tree: Edge[] = [
    { to: 'A', paths: ['*.doc', '*.md', 'foo-?.tgz'] },
    { to: 'B', paths: ['releases/*/*'] },
    { from: 'B', to: 'C', paths: ['releases/x/*'] },
    { from: 'B', to: 'D', paths: ['releases/y/*.zip'] },
  ]
  const files: [string, string][] = [
    ['targets', 'targetfile'],
    ['A', 'README.md'],
    ['A', 'releases/README.md'],
    ['A', 'foo-1.tgz'],
    ['A', 'foo-alpha.tgz'],
    ['C', 'releases/x/x_v1'],
    ['D', 'releases/y/y_v1.zip'],
    ['D', 'releases/z/z_v1.zip'],
  ]
  it.each([
    ['targetfile', 'targetfile by targets', ''],
    ['README.md', 'README.md by A', 'A'],
    ['releases/x/x_v1', 'releases/x/x_v1 by C', 'B C'],
    ['releases/y/y_v1.zip', 'releases/y/y_v1.zip by D', 'B D'],
    ['releases/z/z_v1.zip', 'nowhere', 'B'],
    ['releases/README.md', 'nowhere', ''],
    ['foo-1.tgz', 'foo-1.tgz by A', 'A'],
    ['foo-alpha.tgz', 'nowhere', ''],
    ['README.MD', 'nowhere', ''],
  ])('%s: %s', async (path, text, visited) => {
    const client = publishGraph(tree, files).client()
    expect(await client.read(path)).toEqual([text])
    expect(rolesAsked(client.asked().filter(file => file.endsWith('.json'))).join(' ')).toBe(visited)
  })

  it('a role that was verified on one way is verified again on another', async () => {
    const repository = createRepository()
    const ofA = newSigner()
    for (const parent of ['a', 'b']) repository.delegate(`parent-${parent}`, [`team-${parent}/*`])
    repository.delegate('release', ['team-a/*'], { delegator: 'parent-a', signers: [ofA] })
    repository.delegate('release', ['team-b/*'], { delegator: 'parent-b' })
    repository.signers.set('release', [ofA])
    repository.add('release', 'team-a/root.json', 'trusted A')
    repository.add('release', 'team-b/root.json', 'malicious B')
    repository.publish('release', 'parent-a', 'parent-b', 'targets', 'snapshot', 'timestamp')
    const client = repository.client()
    expect(await client.read('team-a/root.json', 'team-b/root.json')).toEqual([
      'trusted A',
      'arbitrary-software',
    ])
  })

  it('a delegation that the snapshot does not name is not followed, nor even fetched', async () => {
    const repository = createRepository()
    repository.delegate('delegated', ['delegatedpath/*'])
    repository.publish('delegated', 'targets')
    delete repository.snapshot.meta['delegated.json']
    repository.publish('snapshot', 'timestamp')
    const client = repository.client()
    expect(await client.refresh()).toBe('done')
    client.forget()
    expect(await client.read('delegatedpath/foo')).toEqual(['mix-and-match'])
    expect(client.asked()).toEqual(['2.root.json', 'timestamp.json'])
    expect(client.versions()).not.toHaveProperty('delegated')
  })

  it.each([
    ['?', '%3F'],
    ['#', '%23'],
    ['/delegatedrole', '%2Fdelegatedrole'],
    ['../delegatedrole', '..%2Fdelegatedrole'],
  ])('a role named %s is asked for as %s', async (role, name) => {
    const client = publishGraph([{ to: role }]).client()
    expect(await client.read('nonexistent target')).toEqual(['nowhere'])
    expect(client.asked()).toEqual([...top, `1.${name}.json`])
    expect(client.versions()).toMatchObject({ [role]: 1 })
  })
})

interface Version {
  keys: number[]
  threshold: number
  signatures: number[]
}
const version = (keys: string, threshold: number, signatures: string): Version => {
  const numbers = (digits: string) => [...digits].map(Number)
  return { keys: numbers(keys), threshold, signatures: numbers(signatures) }
}
const pick = (signers: StatementSigner[], which: number[]) => which.map(number => signers[number]!)

describe('a rotation of keys', () => {
  const good = 'done'
  it.each<[string, Version[], string]>([
    ['one key', [version('1', 1, '1'), version('2', 1, '21'), version('2', 1, '2')], good],
    ['signatures of no use', [version('1', 1, '314'), version('2', 1, '3214'), version('2', 1, '324')], good],
    [
      'three of five, whichever',
      [
        version('01234', 3, '024'),
        version('01234', 3, '041'),
        version('01234', 3, '013'),
        version('01234', 3, '013'),
      ],
      good,
    ],
    ['one of five', [version('01234', 3, '024'), version('01345', 3, '041')], good],
    [
      'one of five with a step between',
      [version('01234', 3, '024'), version('01345', 3, '0245'), version('01345', 3, '045')],
      good,
    ],
    [
      'all of five with a step between',
      [version('01234', 3, '024'), version('56789', 3, '024567'), version('56789', 3, '567')],
      good,
    ],
    ['a higher threshold', [version('123', 1, '1'), version('123', 2, '12')], good],
    ['a lower threshold', [version('123', 2, '12'), version('123', 1, '12'), version('123', 1, '1')], good],
    ['one key more, needed too', [version('1', 1, '1'), version('12', 2, '12')], good],
    ['not signed with the old key', [version('1', 1, '1'), version('2', 1, '234')], 'arbitrary-software'],
    ['not signed with the new key', [version('1', 1, '1'), version('2', 1, '134')], 'arbitrary-software'],
    [
      'not signed with three new keys',
      [version('01234', 3, '024'), version('01345', 3, '024')],
      'key-compromise',
    ],
    [
      'not signed with three old keys',
      [version('01234', 3, '024'), version('01345', 3, '045')],
      'key-compromise',
    ],
    ['the new threshold is not reached', [version('123', 1, '1'), version('123', 2, '2')], 'key-compromise'],
    ['the old threshold is not reached', [version('123', 2, '12'), version('123', 1, '1')], 'key-compromise'],
  ])('of root: %s', async (_, versions, outcome) => {
    const repository = createRepository()
    const signers = Array.from({ length: 10 }, newSigner)
    repository.root.version = 0
    for (const { keys, threshold, signatures } of versions) {
      repository.allow('root', pick(signers, keys), threshold, pick(signers, signatures))
      repository.publish('root')
    }
    const client = repository.client()
    expect(await client.refresh()).toBe(outcome)
    expect(client.versions()).toMatchObject({
      root: outcome === good ? versions.length : versions.length - 1,
    })
  })

  describe.each([['timestamp'], ['snapshot'], ['targets']])('of %s', role => {
    it.each<[string, Version, string]>([
      ['one key', version('2', 1, '2'), good],
      ['signatures of no use', version('1', 1, '314'), good],
      ['not signed with the new key', version('2', 1, '134'), 'arbitrary-software'],
      ['a signature of another key', version('01345', 3, '024'), 'key-compromise'],
      ['a signature is missing', version('01345', 3, '04'), 'key-compromise'],
      ...['024', '041', '013', '123', '234'].map((which): [string, Version, string] => [
        `keys ${which} of five`,
        version('01234', 3, which),
        good,
      ]),
    ])('%s', async (_, { keys, threshold, signatures }, outcome) => {
      const repository = createRepository()
      const client = repository.client()
      const signers = Array.from({ length: 10 }, newSigner)
      repository.allow(role, pick(signers, keys), threshold, pick(signers, signatures))
      repository.publish('root', 'targets', 'snapshot', 'timestamp')
      expect(await client.refresh()).toBe(outcome)
      if (outcome === good) expect(client.versions()).toMatchObject({ [role]: 2 })
      else expect(client.versions()).not.toHaveProperty(role)
    })
  })
})
