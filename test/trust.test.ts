import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Archive, createArchive } from './world/apt/archive.ts'
import type { SuiteSpec } from './world/apt/suite-spec.ts'
import { type ArchiveServer, misbehave, serveArchive } from './world/archive-server.ts'
import { createSigning, type KeyState, type Signing } from './world/signing.ts'
import { createTestYard, mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'

let signing: Signing
const leftOver: (() => unknown)[] = []
const day = 86_400_000

beforeAll(() => {
  signing = createSigning()
})
afterAll(() => signing.remove())
afterEach(async () => {
  for (const remove of leftOver.splice(0).reverse()) await remove()
})

const stable: SuiteSpec = {
  name: 'stable',
  packages: { main: [{ name: 'one' }] },
  compressions: ['none', 'gz'],
}

interface Mirrored {
  archive: Archive
  server: ArchiveServer
  yard: TestYard
}

/** A yard that holds one good snapshot of an archive. */
async function mirrored(suite: Partial<SuiteSpec> = {}, upstream: Settings = {}): Promise<Mirrored> {
  const archive = createArchive(signing, [structuredClone({ ...stable, ...suite })])
  const server = await serveArchive(archive)
  const yard = createTestYard({ debian: mirrorOf(server.url, signing.key('good').keyring, upstream) })
  leftOver.push(() => server.close(), yard.remove)
  const first = await yard.run('sync')
  expect(first, first.stderr).toMatchObject({ status: 0 })
  return { archive, server, yard }
}

/** Publishes a new package, and whatever else is changed. */
function publish(archive: Archive, change: Partial<SuiteSpec> = {}): void {
  archive.update(([suite]) => {
    suite!.packages!.main!.push({ name: `more-${suite!.packages!.main!.length}` })
    Object.assign(suite!, change)
  })
}

/** A sync is refused with these words, and the one good snapshot is still listed and whole. */
async function refuses(yard: TestYard, status: number, ...words: (string | RegExp)[]): Promise<void> {
  const run = await yard.run('sync')
  expect(run, run.stdout).toMatchObject({ status })
  for (const word of words) expect(run.stderr).toMatch(word)
  expect(run.stderr).not.toMatch(/a defect|\n {4}at /)
  await isWhole(yard, 1)
}

async function isWhole(yard: TestYard, snapshots: number): Promise<void> {
  const [listed, checked] = [await yard.run('snapshots', '--json'), await yard.run('fsck')]
  expect(JSON.parse(listed.stdout)).toHaveLength(snapshots)
  expect(checked, checked.stderr).toMatchObject({ status: 0 })
}

describe('signatures', () => {
  it.each<[KeyState, RegExp]>([
    ['other', /no good signature|not.*keyring|unknown|does not hold/i],
    ['expired', /expired/],
    ['revoked', /revoked/],
  ])('of a key that is %s are refused, naming the key and the keyring', async (state, why) => {
    const { archive, server, yard } = await mirrored()
    const keyring = signing.key(state === 'other' ? 'good' : state).keyring
    yard.configure({ debian: mirrorOf(server.url, keyring) })
    publish(archive, { key: state })
    await refuses(yard, 1, why, signing.key(state).fingerprint.slice(-16), keyring, /stable/)
  })

  it.each<[KeyState]>([['expired'], ['revoked']])(
    'in Release.gpg of a key that is %s count no more',
    async state => {
      const { archive, server, yard } = await mirrored()
      yard.configure({ debian: mirrorOf(server.url, signing.key(state).keyring) })
      publish(archive, { key: state, documents: ['Release', 'Release.gpg'] })
      await refuses(yard, 1, new RegExp(state), /dists\/stable\/Release/)
    },
  )

  it('missing from a Release are refused, with the way to go without', async () => {
    const { archive, yard } = await mirrored()
    publish(archive, { documents: ['Release'] })
    await refuses(yard, 1, /not signed/, /dists\/stable\/Release/, /trusted: true/)
  })

  it('over an InRelease that was changed are refused', async () => {
    const { archive, yard } = await mirrored()
    publish(archive)
    const path = 'dists/stable/InRelease'
    const text = archive.files.get(path)!.toString()
    archive.files.set(path, Buffer.from(text.replace('Origin: Example', 'Origin: Exam9le')))
    await refuses(yard, 1, /dists\/stable\/InRelease/, /signature/i)
  })

  it('text outside of the signed part of an InRelease is refused', async () => {
    const { archive, yard } = await mirrored()
    publish(archive)
    const path = 'dists/stable/InRelease'
    archive.files.set(path, Buffer.concat([Buffer.from('Origin: other\n'), archive.files.get(path)!]))
    await refuses(yard, 1, /dists\/stable\/InRelease/)
  })

  it('need a keyring file that is there', async () => {
    const { archive, server, yard } = await mirrored()
    publish(archive)
    yard.configure({ debian: mirrorOf(server.url, '/nowhere/archive.gpg') })
    await refuses(yard, 2, /\/nowhere\/archive\.gpg/)
  })

  it('are done without only where `trusted: true` is spelled out, which every listing shows', async () => {
    const { archive, server, yard } = await mirrored()
    publish(archive, { documents: ['Release'] })
    yard.configure({ debian: mirrorOf(server.url, undefined) })
    const unspoken = await yard.run('sync')
    expect(unspoken).toMatchObject({ status: 2, stderr: expect.stringMatching(/keyring/) })
    expect(unspoken.stderr).toMatch(/trusted: true/)
    yard.configure({ debian: mirrorOf(server.url, undefined, { trusted: true }) })
    expect(await yard.run('sync')).toMatchObject({ status: 0 })
    const listed = await yard.run('snapshots')
    expect(listed.stdout.trim().split('\n').at(-1)).toMatch(/UNVERIFIED/)
    await isWhole(yard, 2)
  })
})

describe('digests', () => {
  it('a Packages file that is not the one of Release is refused', async () => {
    const { archive, server, yard } = await mirrored()
    publish(archive)
    server.onRequest = misbehave.bytes(path => {
      const good = archive.files.get(path)
      if (good === undefined || !path.includes('binary-amd64/')) return undefined
      const body = Buffer.from(good)
      body[body.length - 9]! ^= 1
      return { body }
    })
    await refuses(yard, 1, /binary-amd64\/.*SHA-256/)
    server.onRequest = undefined
    expect(await yard.run('sync')).toMatchObject({ status: 0 })
  })

  it.each<[string, NonNullable<SuiteSpec['digests']>]>([
    ['MD5', ['MD5Sum']],
    ['MD5 and SHA-1', ['MD5Sum', 'SHA1']],
  ])('of %s alone are refused', async (_, digests) => {
    const { archive, yard } = await mirrored()
    publish(archive, { digests })
    await refuses(yard, 1, /SHA-256/, /stable/, /Packages/)
  })
})

describe('dates', () => {
  it('an expired Release is refused, unless check-valid-until is false', async () => {
    const { archive, server, yard } = await mirrored()
    publish(archive, { validUntil: Date.now() - 1000 })
    await refuses(yard, 1, /expired/, /Valid-Until/, /check-valid-until/)
    yard.configure({
      debian: mirrorOf(server.url, signing.key('good').keyring, { 'check-valid-until': false }),
    })
    expect(await yard.run('sync')).toMatchObject({ status: 0 })
    await isWhole(yard, 2)
  })

  it('what expires while upstream has nothing newer is said, and still served', async () => {
    const { yard } = await mirrored({ validUntil: Date.now() + day })
    const [report] = await yard.use(
      open => open.yard.sync([]),
      () => Date.now() + 2 * day,
    )
    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'stale' } })
    await isWhole(yard, 1)
  })

  it('a Release from the future is refused', async () => {
    const { archive, yard } = await mirrored()
    publish(archive, { date: Date.now() + day })
    await refuses(yard, 1, /future/, /clock/)
  })

  it('an older Release than the one we hold is a stale mirror: a warning with the age, no snapshot', async () => {
    const { archive, yard } = await mirrored()
    publish(archive, { date: Date.now() - 10 * day })
    const run = await yard.run('sync')
    expect(run, run.stderr).toMatchObject({ status: 0 })
    expect(run.stdout + run.stderr).toMatch(/older than what we hold for stable .*1 days? old/)
    await isWhole(yard, 1)
  })

  it('a stale mirror is passed over for the next one', async () => {
    const { archive, server, yard } = await mirrored()
    const old = await serveArchive({ files: new Map(archive.files), modified: new Map(archive.modified) })
    leftOver.push(() => old.close())
    publish(archive)
    yard.configure({ debian: mirrorOf([server.url, old.url], signing.key('good').keyring) })
    expect(await yard.run('sync')).toMatchObject({ status: 0 })
    publish(archive)
    yard.configure({ debian: mirrorOf([old.url, server.url], signing.key('good').keyring) })
    expect(await yard.run('sync'), 'the second mirror has more').toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 added'),
    })
    yard.configure({ debian: mirrorOf([old.url], signing.key('good').keyring) })
    const run = await yard.run('sync')
    expect(run.stdout).toMatch(/every mirror is older/)
    await isWhole(yard, 3)
  })

  it('a mirror whose signature is wrong is passed over for the next one', async () => {
    const { archive, server, yard } = await mirrored()
    const forged = createArchive(signing, [structuredClone({ ...stable, key: 'other' as const })])
    publish(forged)
    const evil = await serveArchive(forged)
    leftOver.push(() => evil.close())
    publish(archive)
    yard.configure({ debian: mirrorOf([evil.url, server.url], signing.key('good').keyring) })
    expect(await yard.run('sync')).toMatchObject({ status: 0 })
    await isWhole(yard, 2)
  })
})
