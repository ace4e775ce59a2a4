import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeHeader } from '../src/formats/rpm/write-header.ts'
import { misbehave } from './world/archive-server.ts'
import { hash } from './world/hash.ts'
import { createDnf } from './world/rpm/client.ts'
import { editMetadata } from './world/rpm/edit-metadata.ts'
import { type RpmMirrored, rpmMirror, rpmMirrored, smallRpms } from './world/rpm/mirrored.ts'
import { createRpmRepository, type RpmContent } from './world/rpm/repository.ts'
import { signRpm } from './world/rpm/sign-rpm.ts'
import { startServer } from './world/running-server.ts'
import type { KeyState } from './world/signing.ts'
import type { Settings } from './world/test-yard.ts'
import { createWorld, digestsOf, failsWith, isWhole, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const named = (path: string, name: string) => path.includes(`/${name}-`)
const isRpm = (path: string) => path.endsWith('.rpm')
const few = smallRpms(['alpha', 'beta', 'gamma', 'victim'])
const without = (name: string) => new Map([...few].filter(([path]) => !named(path, name)))

describe('verify: metadata', () => {
  const content = (signedBy: KeyState | undefined, packages = few): RpmContent => ({
    packages,
    ...(signedBy === undefined ? {} : { signedBy }),
  })
  const verified = (keyring = world.keyring): Settings => ({ verify: 'metadata', keyring })

  /** A second day is refused with these words, and the first day's snapshot is all that there is, and whole. */
  async function refuses(next: RpmContent, keyring: string, ...words: (string | RegExp)[]): Promise<void> {
    const { repository, server, yard } = await rpmMirrored(
      world,
      content('good', without('victim')),
      verified(),
    )
    await syncTo(yard, 'created')
    const before = await digestsOf(yard, 'base')
    repository.publish(next)
    yard.configure({ base: rpmMirror(server.url, verified(keyring), { policy: 'immediate' }) })
    server.drain()
    failsWith(await yard.run('sync'), 1, 'repodata/repomd.xml', ...words)
    expect(server.drain().filter(({ path }) => !path.includes('repomd.xml'))).toEqual([])
    expect(await digestsOf(yard, 'base')).toEqual(before)
    await isWhole(yard, 1)
  }

  it('needs a signature', () =>
    refuses(content(undefined), world.keyring, /not signed/, /repomd\.xml\.asc/, /trusted: true/))

  it.each<[KeyState, RegExp]>([
    ['other', /no good signature|not.*keyring|unknown|does not hold/i],
    ['expired', /expired/],
    ['revoked', /revoked/],
  ])('refuses one of a key that is %s, naming key and keyring', (state, why) => {
    const { fingerprint, keyring } = world.signing.key(state)
    const trusted = state === 'other' ? world.keyring : keyring
    return refuses(content(state), trusted, why, fingerprint.slice(-16), trusted)
  })

  it('refuses a repomd.xml that was changed behind its signature', async () => {
    const { repository, yard } = await rpmMirrored(world, content('good', without('victim')), verified())
    await syncTo(yard, 'created')
    repository.publish(content('good'))
    const text = repository.files.get('repodata/repomd.xml')!.toString()
    repository.files.set('repodata/repomd.xml', Buffer.from(text.replace('<revision>', '<revision>1')))
    failsWith(await yard.run('sync'), 1, /signature/i, 'repodata/repomd.xml')
    await isWhole(yard, 1)
  })

  it('refuses text that is no signature', async () => {
    const { repository, yard } = await rpmMirrored(world, content('good'), verified())
    repository.files.set('repodata/repomd.xml.asc', Buffer.from('<html>not found</html>'))
    failsWith(await yard.run('sync'), 1, 'repodata/repomd.xml')
    await isWhole(yard, 0)
  })

  it('says so when a server does not give the signature', async () => {
    const { server, yard } = await rpmMirrored(world, content('good'), verified())
    server.onRequest = misbehave.status(403, path => path.endsWith('.asc'))
    failsWith(await yard.run('sync'), 1, 'repomd.xml.asc', /403/)
    await isWhole(yard, 0)
  })

  it('reads repomd.xml again that was replaced between it and its signature', async () => {
    const { repository, server, yard } = await rpmMirrored(
      world,
      content('good', without('victim')),
      verified(),
    )
    await syncTo(yard, 'created')
    let moved = false
    server.onRequest = path => {
      if (path.endsWith('repomd.xml.asc') && !moved) {
        moved = true
        repository.publish(content('good'))
      }
      return false
    }
    repository.publish(content('good', without('alpha')))
    await syncTo(yard, 'created')
    expect(Object.keys(await digestsOf(yard, 'base')).filter(isRpm)).toHaveLength(few.size)
  })

  it('takes the next mirror where one is not signed as it should be', async () => {
    const { repository, server, yard } = await rpmMirrored(world, content('other'), verified())
    const good = await world.serve(createRpmRepository(world.signing, content('good')))
    expect(repository.files.size).toBeGreaterThan(0)
    yard.configure({ base: rpmMirror([server.url, good.url], verified(), { policy: 'immediate' }) })
    await syncTo(yard, 'created')
    await isWhole(yard, 1)
  })

  it('needs a keyring that is there', async () => {
    const { yard } = await rpmMirrored(world, content('good'), verified('/nowhere/keys.gpg'))
    failsWith(await yard.run('sync'), 2, '/nowhere/keys.gpg')
  })
})

/** Signed by the good key but for `victim`, which is as `spoil` makes it. */
function signedBut(spoil: (rpm: Buffer) => Buffer): Map<string, Buffer> {
  return new Map(
    [...few].map(([path, rpm]) => [
      path,
      named(path, 'victim') ? spoil(rpm) : signRpm(rpm, world.signing.key('good')),
    ]),
  )
}

/** The last bytes of a package are its payload's; gzip's own are its checksum and size. */
function withOtherPayload(rpm: Buffer): Buffer {
  const other = Buffer.from(rpm)
  other[other.length - 20]! ^= 1
  return other
}

function withOtherHeader(rpm: Buffer): Buffer {
  return Buffer.from(rpm.toString('latin1').replace('A package for tests.', 'A package for tests!'), 'latin1')
}

const signedWell = (rpm: Buffer) => signRpm(rpm, world.signing.key('good'))
const spoilt: [string, (rpm: Buffer) => Buffer, RegExp][] = [
  ['is not signed', rpm => rpm, /not signed/],
  ['is signed by another key', rpm => signRpm(rpm, world.signing.key('other')), /keyring|key/],
  ['was given another payload', rpm => withOtherPayload(signedWell(rpm)), /payload|digest/i],
  ['was given another header', rpm => withOtherHeader(signedWell(rpm)), /sha256|digest|signature/i],
  ['is no package', () => Buffer.from('\xed\xab\xee\xdbnothing', 'latin1'), /package/],
]
const verifiedPackages = (): Settings => ({ verify: 'packages', keyring: world.keyring })

const sum = (bytes: Buffer) => hash('sha256', bytes)

/** Describes good packages, then replaces the one, since createrepo_c would not read every spoilt one. */
async function withSpoilt(spoil: (rpm: Buffer) => Buffer, policy: string): Promise<RpmMirrored> {
  const good = signedBut(signedWell)
  const made = await rpmMirrored(world, { packages: good }, verifiedPackages(), { policy })
  const { files } = made.repository
  const [path, before] = [...good].find(([path]) => named(path, 'victim'))!
  const bytes = spoil(few.get(path)!)
  files.set(path, bytes)
  editMetadata(files, 'primary', text => {
    const end = text.indexOf('</package>', text.indexOf('<name>victim<'))
    const start = text.lastIndexOf('<package ', end)
    const fragment = text
      .slice(start, end)
      .replace(sum(before), sum(bytes))
      .replace(`package="${before.length}"`, `package="${bytes.length}"`)
    return text.slice(0, start) + fragment + text.slice(end)
  })
  return made
}

describe('verify: packages', () => {
  it.each(spoilt)(
    'immediate: a package that %s fails the sync, and nothing is served',
    async (_, spoil, why) => {
      const { yard } = await withSpoilt(spoil, 'immediate')
      failsWith(await yard.run('sync'), 1, 'Packages/victim-1.0-1.noarch.rpm', why)
      await isWhole(yard, 0)
      const server = await startServer(yard)
      world.atEnd(() => server.stop())
      expect((await server.get('/content/base/latest/repodata/repomd.xml')).status).toBe(404)
    },
  )

  it.each(spoilt)('on-demand: a package that %s is never served, the others are', async (_, spoil, why) => {
    const { repository, yard } = await withSpoilt(spoil, 'on-demand')
    await syncTo(yard, 'created')
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    for (const path of few.keys()) {
      const { status, body } = await server.get(`/content/base/latest/${path}`)
      if (named(path, 'victim')) {
        expect(status).toBe(502)
        expect(body.toString()).toMatch(why)
      } else expect(body.equals(repository.files.get(path)!)).toBe(true)
    }
    expect((await server.get('/content/base/latest/Packages/victim-1.0-1.noarch.rpm')).status).toBe(502)
  })

  it('on-demand: not even when another repository brought it here first, nor through a composition', async () => {
    const { repository, server, yard } = await withSpoilt(rpm => rpm, 'on-demand')
    yard.configure({
      careless: rpmMirror(server.url, {}, { policy: 'immediate' }),
      base: rpmMirror(server.url, verifiedPackages()),
      ours: { compose: { from: ['base'] }, policy: 'on-demand' },
    })
    await syncTo(yard, 'created')
    const served = await startServer(yard)
    world.atEnd(() => served.stop())
    for (const path of few.keys())
      for (const name of ['careless', 'base', 'ours']) {
        const { status, body } = await served.get(`/content/${name}/latest/${path}`)
        const isRefused = named(path, 'victim') && name !== 'careless'
        expect([name, path, status]).toEqual([name, path, isRefused ? 502 : 200])
        if (!isRefused) expect(body.equals(repository.files.get(path)!)).toBe(true)
      }
  })

  it('an immediate composition of an on-demand mirror is not made with a package that fails', async () => {
    const { server, yard } = await withSpoilt(rpm => rpm, 'on-demand')
    yard.configure({
      base: rpmMirror(server.url, verifiedPackages()),
      ours: { compose: { from: ['base'] }, policy: 'immediate' },
      few: { compose: { from: ['base'], exclude: ['victim'] }, policy: 'immediate' },
    })
    const run = await yard.run('sync')
    failsWith(run, 4, 'Packages/victim-1.0-1.noarch.rpm', /not signed/)
    const names = await yard.use(async open =>
      (await open.yard.snapshots()).map(({ record }) => record.repository),
    )
    expect(names.sort()).toEqual(['base', 'few'])
  })

  it('a package that is not called .rpm is refused, because its signature would not be looked for', async () => {
    const { repository, yard } = await withSpoilt(signedWell, 'on-demand')
    editMetadata(repository.files, 'primary', text => text.replace('victim-1.0-1.noarch.rpm"', 'victim.bin"'))
    failsWith(await yard.run('sync'), 1, 'Packages/victim.bin', /\.rpm/)
    await isWhole(yard, 0)
  })

  it('a real dnf with gpgcheck=1 installs the good packages with the keys that we hand out', async () => {
    const { yard } = await withSpoilt(rpm => rpm, 'on-demand')
    await syncTo(yard, 'created')
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const setup = await server.setup('base/dnf.repo')
    expect(setup).toMatch(/^gpgcheck ?= ?1$/m)
    const dnf = createDnf()
    world.atEnd(dnf.remove)
    dnf.setRepository(setup)
    await dnf.ok('install', 'alpha', 'beta')
    expect((await dnf.run('install', 'victim')).status).not.toBe(0)
    expect(await dnf.installed()).toEqual(['alpha-1.0-1.noarch', 'beta-1.0-1.noarch'])
  })

  it('a real dnf refuses what another mirror serves unsigned, with our keys and gpgcheck=1', async () => {
    const { server, yard } = await withSpoilt(rpm => rpm, 'on-demand')
    await syncTo(yard, 'created')
    const ours = await startServer(yard)
    world.atEnd(() => ours.stop())
    const setup = await ours.setup('base/dnf.repo')
    const dnf = createDnf()
    world.atEnd(dnf.remove)
    dnf.setRepository(setup.replace(/^mirrorlist.*$/m, `baseurl=${server.url}/`))
    const { status, output } = await dnf.run('install', 'victim')
    expect(status, output).not.toBe(0)
    expect(output).toMatch(/not signed|GPG check FAILED/i)
    await dnf.ok('install', 'alpha')
  })
})

describe('a package of the time before header signatures sufficed', () => {
  const header = writeHeader([{ tag: 1000, type: 6, values: ['old'] }], 63)
  const payload = Buffer.from('a payload that no digest names')
  const packet = (bytes: Buffer, key: KeyState) => {
    const armoured = world.signing.detached(bytes, key).toString()
    const lines = armoured.split('\n').slice(1, -2)
    return Buffer.from(lines.filter(line => !/^[A-Za-z]+: |^=/.test(line)).join(''), 'base64')
  }
  /** With a signature over header and payload (PGP, 1002), perhaps one over the header alone too (RSA, 268). */
  function built(key: KeyState, { ofHeader = false, sent = payload } = {}): Buffer {
    const tag = (number: number, bytes: Buffer) => ({
      tag: number,
      type: 7,
      values: [packet(bytes, key).toString('latin1')],
    })
    const tags = [
      ...(ofHeader ? [tag(268, header)] : []),
      ...(ofHeader ? [] : [tag(1002, Buffer.concat([header, payload]))]),
    ]
    const signature = writeHeader(tags, 62)
    const lead = Buffer.alloc(96)
    Buffer.from('edabeedb0300', 'hex').copy(lead)
    lead.writeUInt16BE(5, 78)
    return Buffer.concat([lead, signature, Buffer.alloc((8 - (signature.length % 8)) % 8), header, sent])
  }

  it('is accepted when a key has signed header and payload', async () => {
    const { repository, yard } = await withSpoilt(() => built('good'), 'immediate')
    await syncTo(yard, 'created')
    expect((await digestsOf(yard, 'base'))['Packages/victim-1.0-1.noarch.rpm']).toBe(
      sum(repository.files.get('Packages/victim-1.0-1.noarch.rpm')!),
    )
  })

  it.each([
    ['another key', () => built('other'), /keyring|key/],
    [
      'another payload',
      () => built('good', { sent: Buffer.from('another payload entirely, it is') }),
      /signature/,
    ],
    [
      'a signature of its header alone',
      () => built('good', { ofHeader: true }),
      /no strong digest of the payload/,
    ],
  ])('is refused with %s', async (_, rpm, why) => {
    const { yard } = await withSpoilt(rpm, 'immediate')
    failsWith(await yard.run('sync'), 1, 'Packages/victim-1.0-1.noarch.rpm', why)
    await isWhole(yard, 0)
  })
})

describe('trusted: true', () => {
  it('must be spelled out, and is shown with every snapshot', async () => {
    const { server, yard } = await rpmMirrored(world, { packages: few })
    const { trusted: _, ...unspoken } = rpmMirror(server.url).upstream as Settings
    yard.configure({ base: { upstream: unspoken } })
    failsWith(await yard.run('sync'), 2, /verify/, /trusted: true/)
    yard.configure({ base: rpmMirror(server.url) })
    await syncTo(yard, 'created')
    const listed = await yard.run('snapshots')
    expect(listed.stdout.trim().split('\n').at(-1)).toMatch(/UNVERIFIED/)
    expect((await yard.run('snapshots', '--json')).stdout).toMatch(/"kind": ?"trusted"/)
  })
})
