import http from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hash } from './world/hash.ts'
import { served } from './world/served.ts'
import { mirrorOf } from './world/test-yard.ts'
import { createWorld, isWhole, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

it('paths that every JavaScript object knows are not there, below latest as elsewhere', async () => {
  const { server } = await served(world, { packages: { main: [{ name: 'one' }] } })
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
    expect((await server.get(`/content/debian/latest/${name}`)).status, name).toBe(404)
})

it('a repository may bear the name of a lock', async () => {
  const archive = world.archive({ name: 'stable', packages: { main: [{ name: 'one' }] } })
  const upstream = await world.serve(archive)
  const mirror = mirrorOf(upstream.url, world.keyring)
  const yard = world.yard({ collect: mirror, fsck: mirror })
  await syncTo(yard, 'created')
  expect(await yard.run('gc')).toMatchObject({ status: 0 })
  await isWhole(yard, 2)
}, 30_000)

it('an index that lies about the size of a file which is here cannot put bytes behind an answer', async () => {
  const package_ = { name: 'one', content: 'x' }
  const liar = world.archive({ name: 'stable', compressions: ['gz'], packages: { main: [package_] } })
  lie(liar, 'main/binary-amd64/Packages.gz')
  const more = { liar: mirrorOf((await world.serve(liar)).url, world.keyring) }
  const { server } = await served(world, { packages: { main: [package_] } }, { more })
  const path = 'pool/main/o/one/one_1.0-1_amd64.deb'
  const good = await server.get(`/content/debian/latest/${path}`)
  expect(good.status).toBe(200)
  expect(await both(server.url, `/content/liar/latest/${path}`, `/content/debian/latest/${path}`)).toEqual([
    { status: 502, length: expect.any(Number) },
    { status: 200, length: good.body.length },
  ])
})

/** Says in the index that every package has ten bytes, and signs that. */
function lie(archive: ReturnType<World['archive']>, path: string): void {
  const old = archive.files.get(`dists/stable/${path}`)!
  const text = gunzipSync(old).toString('latin1')
  const bytes = gzipSync(Buffer.from(text.replace(/^Size: .*/gm, 'Size: 10'), 'latin1'))
  const release = archive.files
    .get('dists/stable/Release')!
    .toString('latin1')
    .replace(new RegExp(` ${hash('sha256', old)} +\\d+ `), ` ${hash('sha256', bytes)} ${bytes.length} `)
    .replace(new RegExp(` ${hash('md5', old)} +\\d+ `), ` ${hash('md5', bytes)} ${bytes.length} `)
    .replace(/^ \S+ +\d+ main\/binary-amd64\/Packages\n/gm, '')
  const directory = path.slice(0, path.lastIndexOf('/') + 1)
  archive.files.set(`dists/stable/${path}`, bytes)
  archive.files.set(`dists/stable/${directory}by-hash/SHA256/${hash('sha256', bytes)}`, bytes)
  archive.files.set('dists/stable/Release', Buffer.from(release, 'latin1'))
  archive.files.set('dists/stable/InRelease', world.signing.inline(Buffer.from(release, 'latin1'), 'good'))
}

/** Two requests, one after the other over one connection. */
async function both(base: string, ...paths: string[]): Promise<{ status: number; length: number }[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const answers: { status: number; length: number }[] = []
  for (const path of paths)
    answers.push(
      await new Promise((resolve, reject) => {
        const request = http.get(base + path, { agent }, response => {
          let length = 0
          response.on('data', chunk => {
            length += chunk.length
          })
          response.on('end', () => resolve({ status: response.statusCode!, length }))
          response.on('error', reject)
        })
        request.on('error', reject)
      }),
    )
  agent.destroy()
  return answers
}
