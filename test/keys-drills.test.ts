import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { canonicalJson, type Name, parseChannelReference } from '../src/model/index.ts'
import { loadKeyFile } from '../src/trust/index.ts'
import { advance, type Source, type Trusted } from '../src/trust/pure.ts'
import { judgeTrust } from '../src/trust/statements/verify/repository.fixture.ts'
import { buildDeb } from './world/apt/deb-package.ts'
import type { TestYard } from './world/test-yard.ts'
import { createWorld, type World } from './world/world.ts'

/** Every drill of docs/keys.md, by the commands that stand there, one after the other on one yard; a host looks on. */
let world: World
/** Where the document's commands run: the yard lies in it, and people's files beside it. */
let desk: string
let yard: TestYard
let host: Host
/** `web@T`, oldest first. */
const releases: string[] = []

beforeAll(async () => {
  world = createWorld()
  desk = mkdtempSync(join(tmpdir(), 'switchyard-drills-'))
  world.atEnd(() => rmSync(desk, { recursive: true, force: true }))
  mkdirSync(join(desk, 'yard'))
  mkdirSync(join(desk, '.bin'))
  symlinkSync(join(inject('bundle'), 'switchyard.js'), join(desk, '.bin', 'switchyard'))
  const trains = { web: { repositories: ['ours'], channels: { production: {} } } }
  yard = world.yard({ ours: { uploads: 'deb' } }, { directory: join(desk, 'yard'), more: { trains } })
  await cut()
  await yard.use(open => open.yard.promote(parseChannelReference('web/production')))
  host = enrolled()
})
afterAll(() => world.remove())

/** Makes another release. */
async function cut(): Promise<void> {
  writeFileSync(join(desk, 'hello.deb'), buildDeb({ name: 'hello', version: `${releases.length + 1}.0` }))
  await yard.use(async ({ yard }) => {
    await yard.upload('ours' as Name, [join(desk, 'hello.deb')])
    const { release } = await yard.release('web' as Name)
    releases.push(`web@${release.timestamp}`)
  })
}

/** A host of web/production, which remembers what it believes. */
interface Host {
  /** Looks at a directory, and goes as far as it can verify. */
  look(place?: string): Promise<{ suspicion?: string }>
  root(): number
  release(): string
  /** Number of the halt that it obeys. */
  halted(): number | undefined
  trusted(): Trusted
}

const departures = 'yard/refs/departures'

function enrolled(): Host {
  const { train, channel } = parseChannelReference('web/production')
  const fileOf = (place: string, path: string) => join(desk, place, path)
  const clock = () => ({ now: Date.now(), synchronised: true })
  let trusted: Trusted = {
    metadata: new Map([['root', readFileSync(fileOf(departures, 'metadata/1.root.json'))]]),
  }
  return {
    async look(place = departures) {
      const source: Source = {
        async fetch(path) {
          const file = fileOf(place, path)
          return existsSync(file) ? readFileSync(file) : undefined
        },
      }
      const advanced = await advance(trusted, source, { train, channel, clock: clock() })
      trusted = advanced.trusted
      return advanced.suspicion === undefined ? {} : { suspicion: advanced.suspicion.suspicion }
    },
    root: () => JSON.parse(Buffer.from(trusted.metadata.get('root')!).toString()).signed.version,
    release: () => `web@${trusted.standing!.rollout.release.release}`,
    halted: () => judgeTrust(trusted, clock()).halted,
    trusted: () => trusted,
  }
}

const document = readFileSync(new URL('../docs/keys.md', import.meta.url), 'utf8')

/** Headings whose commands were run. */
const performed = new Set<string>()

/** The commands below a heading, block by block. */
function blocksOf(heading: string): string[] {
  const section = document.split(/^#+ /m).find(one => one.startsWith(`${heading}\n`))
  const blocks = [...(section ?? '').matchAll(/^```\n(.*?)^```$/gms)].map(match => match[1]!)
  expect(blocks, heading).not.toEqual([])
  performed.add(heading)
  return blocks
}

/**
 * Runs commands on a terminal, as people do: where a passphrase is asked for it is typed. Every command ends well, or with 4: it
 * waits for signatures.
 */
async function perform(...blocks: string[]): Promise<string> {
  writeFileSync(
    join(desk, '.drill'),
    `trap 'status=$?; [ $status -eq 4 ] || exit $status' ERR\n${blocks.join('')}`,
  )
  const child = spawn('script', ['-qefc', 'bash -E .drill', '/dev/null'], {
    cwd: desk,
    env: {
      PATH: `${join(desk, '.bin')}:${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: '/nonexistent',
      XDG_CACHE_HOME: dirname(inject('bundle')),
      LC_ALL: 'C.UTF-8',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
    if (/(?:passphrase[^\n]*|once more): $/.test(said)) child.stdin.write('correct horse\n')
  })
  const [status] = await once(child, 'close')
  expect([0, 4], said).toContain(status)
  return said
}

const drill = (heading: string) => perform(...blocksOf(heading))
const at = (name: string) => join(desk, 'yard/keys/statements', name)

describe('the drills of docs/keys.md', () => {
  it('The key of a solo yard is replaced', async () => {
    await host.look()
    expect([host.root(), host.release()]).toEqual([1, releases[0]])
    const said = await drill('The key of a solo yard is replaced')
    expect(said).toMatch(/one key holds every role/)
    expect([existsSync(at('solo.pem')), existsSync(at('solo-2.pem'))]).toEqual([false, true])
    expect(await host.look()).toEqual({})
    expect([host.root(), host.release()]).toEqual([2, releases[0]])
  })

  it('People take over', async () => {
    const blocks = blocksOf('People take over')
    await perform(...blocks.slice(0, 4))
    await host.look()
    expect(host.root()).toBe(2)
    const said = await perform(...blocks.slice(4))
    expect(said).not.toMatch(/holds no role/)
    expect(readFileSync(join(desk, 'ada.pem'), 'utf8')).toMatch(/^-----BEGIN ENCRYPTED/)
    expect(await host.look()).toEqual({})
    expect([host.root(), host.release()]).toEqual([3, releases[0]])
  })

  it('People promote', async () => {
    await cut()
    const said = await drill('People promote')
    expect(said).toContain(`web/production  is at ${releases[1]} now`)
    expect(await host.look()).toEqual({})
    expect(host.release()).toBe(releases[1])
  })

  it('Stop', async () => {
    const [inYard, ...elsewhere] = blocksOf('Stop')
    await perform(inYard!)
    await host.look()
    const first = host.halted()
    expect(first).toBeDefined()
    // A halt that is made without the yard has the second as its number, and the yard's may have the same one.
    await expect.poll(() => Math.floor(Date.now() / 1000), { timeout: 10_000 }).toBeGreaterThan(first!)

    // The server is off: nothing of the yard is reached, and a mirror keeps what it had.
    cpSync(join(desk, departures), join(desk, 'mirror'), { recursive: true })
    const [toMirror, ...afterwards] = elsewhere
    await perform('mv yard yard.off\n', toMirror!, 'mv yard.off yard\n')
    expect(await host.look('mirror')).toEqual({})
    expect(host.halted()).toBeGreaterThan(first!)
    await perform(...afterwards)
    expect(await host.look()).toEqual({})
    expect(host.halted()).toBeUndefined()
    await host.look('mirror')
    expect(host.halted()).toBeUndefined()
  })

  it('The online key is stolen, or lost', async () => {
    const [rotation, destruction] = blocksOf('The online key is stolen, or lost')
    const forged = await thiefsMirror(at('online.pem'))
    await host.look(forged)
    expect([host.root(), host.release()]).toEqual([3, releases[1]])
    expect(await host.look()).toEqual({ suspicion: 'rollback' })
    await perform(rotation!, destruction!)
    expect([existsSync(at('online.pem')), existsSync(at('online-2.pem'))]).toEqual([false, true])
    expect(await host.look()).toEqual({})
    expect([host.root(), host.release()]).toEqual([4, releases[1]])

    rmSync(at('online-2.pem'))
    expect(await perform('switchyard trust show\n')).toMatch(/the key that signs online is not in the yard/)
    await perform(rotation!)
    expect(await host.look()).toEqual({})
    expect([host.root(), host.release()]).toEqual([5, releases[1]])
    cpSync(join(desk, 'yard'), join(desk, 'backup'), { recursive: true })
  })

  it("A person's key is replaced", async () => {
    rmSync(join(desk, 'ada.pem'))
    // People sign what else waits with the same stroke.
    await cut()
    await yard.use(open => open.yard.promote(parseChannelReference('web/production')))
    await drill("A person's key is replaced")
    expect(await host.look()).toEqual({})
    expect([host.root(), host.release()]).toEqual([6, releases[2]])
  })

  it('A backup of a week ago is restored', async () => {
    rmSync(join(desk, 'mirror'), { recursive: true })
    cpSync(join(desk, departures), join(desk, 'mirror'), { recursive: true })

    const [restore, sign] = blocksOf('A backup of a week ago is restored')
    await perform(restore!)
    await host.look()
    expect(host.release()).toBe(releases[2])
    await perform(sign!)
    expect(await host.look()).toEqual({})
    expect([host.root(), host.release()]).toEqual([6, releases[1]])
  })

  it('Too many keys are lost', async () => {
    for (const name of ['ada-2.pem', 'ben.pem', 'eve.pem']) rmSync(join(desk, name))
    const said = await drill('Too many keys are lost')
    expect(said).toMatch(/one key holds every role/)
    const before = host.trusted()
    expect(await host.look()).not.toEqual({})
    expect(host.trusted().standing).toEqual(before.standing)
    const again = enrolled()
    expect(await again.look()).toEqual({})
    expect([again.root(), again.release()]).toEqual([1, host.release()])
  })

  it('were all of them performed', () => {
    const drills = document.slice(document.indexOf('\n## Drills'))
    const headings = [...drills.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading)
    expect([...performed]).toEqual(headings)
  })
})

/** A mirror of somebody who has a key that signs online, and uses it to be ahead of everything that the yard will sign. */
async function thiefsMirror(keyFile: string): Promise<string> {
  const { key, sign } = await loadKeyFile(keyFile)
  cpSync(join(desk, departures), join(desk, 'thief'), { recursive: true })
  const file = join(desk, 'thief/metadata/timestamp.json')
  const { signed } = JSON.parse(readFileSync(file, 'utf8'))
  signed.version += 1_000_000_000
  const sig = sign(Buffer.from(canonicalJson(signed))).toString('hex')
  writeFileSync(file, canonicalJson({ signed, signatures: [{ keyid: key.keyid, sig }] }))
  return 'thief'
}
