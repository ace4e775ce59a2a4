import fc from 'fast-check'
import { expect, it } from 'vitest'
import { guardMetadata, type RoleType } from './metadata-guard.ts'
import { createYard, follow, sourceOf } from './repository.fixture.ts'
import { Suspicion } from './suspicion.ts'

const fields = fc.record(
  {
    _type: fc.constantFrom('root', 'timestamp', 'snapshot', 'targets'),
    spec_version: fc.oneof(fc.constant('1.0.34'), fc.jsonValue()),
    version: fc.oneof(fc.nat(), fc.jsonValue()),
    expires: fc.oneof(fc.constant('2030-01-01T00:00:00Z'), fc.jsonValue()),
    keys: fc.jsonValue(),
    roles: fc.jsonValue(),
    meta: fc.oneof(fc.constant({ 'snapshot.json': { version: 1 } }), fc.jsonValue()),
    targets: fc.jsonValue(),
    delegations: fc.oneof(
      fc.jsonValue(),
      fc.record({ keys: fc.jsonValue(), roles: fc.array(fc.jsonValue()) }),
    ),
    consistent_snapshot: fc.jsonValue(),
  },
  { requiredKeys: ['_type'] },
)
const metadata = fc.record({
  signed: fields,
  signatures: fc.oneof(fc.array(fc.record({ keyid: fc.string(), sig: fc.string() })), fc.jsonValue()),
})

it('what looks like metadata is let through or suspected, whatever it is', () => {
  const types: RoleType[] = ['root', 'timestamp', 'snapshot', 'targets']
  fc.assert(
    fc.property(fc.oneof(fc.json(), metadata), fc.constantFrom(...types), (value, type) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      try {
        const { version, expires } = guardMetadata('a.json', type, Buffer.from(text))
        expect(version).toBeGreaterThan(0)
        expect(Date.parse(expires)).not.toBeNaN()
      } catch (error) {
        expect(error).toBeInstanceOf(Suspicion)
      }
    }),
    { numRuns: 500 },
  )
})

it('a host that is shown it in the place of any file suspects something and stays where it is', async () => {
  const yard = createYard()
  const paths = [...yard.files.keys(), 'metadata/2.root.json'].filter(path => !path.endsWith('1.root.json'))
  await fc.assert(
    fc.asyncProperty(metadata, fc.constantFrom(...paths), async (value, path) => {
      const files = new Map(yard.files).set(path, Buffer.from(JSON.stringify(value)))
      const { trusted, suspicion } = await follow(yard, yard.enrolled(), { source: sourceOf(files) })
      expect(suspicion).toBeInstanceOf(Suspicion)
      expect(trusted.standing).toBeUndefined()
    }),
  )
})

it.each([
  ['deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['deep in a field that nobody knows', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
])('metadata that is %s is suspected', async (_, inner) => {
  const yard = createYard()
  const timestamp = JSON.parse(yard.files.get('metadata/timestamp.json')!.toString())
  const text = JSON.stringify(timestamp).replace('"signed":{', `"signed":{"x":${inner},`)
  const files = new Map(yard.files)
  files.set('metadata/2.root.json', Buffer.from(text.replace('"timestamp"', '"root"')))
  expect((await follow(yard, yard.enrolled(), { source: sourceOf(files) })).suspicion?.suspicion).toBe(
    'damaged',
  )
})
