import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mirrorOf, type Settings } from './world/test-yard.ts'
import { createWorld, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

it.each<[string, (file: string) => { keyring: string; upstream: Settings; source: string }]>([
  ['a keyring', file => ({ keyring: file, upstream: {}, source: world.keyring })],
  [
    'a file of authorities',
    file => ({
      keyring: world.keyring,
      upstream: { 'certificate-authority': file },
      source: '/etc/ssl/certs/ca-certificates.crt',
    }),
  ],
])('%s that was missing is found without a restart once it is there', async (_, settings) => {
  const server = await world.serve(world.archive({ name: 'stable', packages: { main: [{ name: 'one' }] } }))
  const yard = world.yard()
  const file = join(yard.directory, 'late')
  const { keyring, upstream, source } = settings(file)
  yard.configure({ debian: mirrorOf(server.url, keyring, upstream) })
  await yard.use(async open => {
    expect(await open.yard.sync([])).toMatchObject([{ outcome: 'failed', error: { code: 'configuration' } }])
    copyFileSync(source, file)
    expect(await open.yard.sync([])).toMatchObject([{ outcome: 'created' }])
  })
})
