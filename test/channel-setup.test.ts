import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson, type Json } from '../src/model/index.ts'
import { type Departing, departing } from './world/departing.ts'
import { aptOf, cleanUpdate } from './world/served.ts'
import { createWorld, type World } from './world/world.ts'

/** What a train hands out to clients beside its trees. */
let world: World
let made: Departing
beforeAll(async () => {
  world = createWorld()
  made = await departing(world, {
    releases: 2,
    channels: { asis: { seal: false } },
  })
  for (const channel of ['production', 'asis'])
    expect(await made.yard.run('promote', `web/${channel}`, made.releases[1]!)).toMatchObject({ status: 0 })
}, 60_000)
afterAll(() => world.remove())

const timestampOf = (release: string) => release.split('@')[1]!

describe('a channel', () => {
  it('has one file for apt and one for dnf, each with all repositories that are for it', async () => {
    const sources = await made.text('/channels/web/production/setup/apt.sources')
    expect(sources.match(/^URIs: .*$/gm)).toEqual([
      `URIs: ${made.server.url}/channels/web/production/debian/`,
      `URIs: ${made.server.url}/channels/web/production/lazy/`,
    ])
    expect(sources.match(/^Signed-By:$/gm)).toHaveLength(2)
    expect(sources).not.toContain('Check-Valid-Until')
    expect(await made.text('/channels/web/production/setup/preferences')).toMatch(
      /n=stable\nPin-Priority: 1001\n[\s\S]*l=Lazy,n=extra\nPin-Priority: 1001\n/,
    )
    expect(await made.text('/channels/web/production/setup/dnf.repo')).toContain(
      `[web-production-base]\nname=base of web/production\nmirrorlist=${made.server.url}/channels/web/production/setup/base/mirrorlist\n`,
    )
  })

  it('names its release to dnf by a URL that never changes, and behind it the one that answers what was', async () => {
    const list = await made.text('/channels/web/production/setup/base/mirrorlist')
    const { url } = made.server
    expect(list).toBe(
      `${url}/releases/web/${timestampOf(made.releases[1]!)}/base/\n${url}/channels/web/production/base/\n`,
    )
  })

  it('sets up one of its repositories alone', async () => {
    const sources = await made.text('/channels/web/production/setup/lazy/apt.sources')
    expect(sources.match(/^URIs: .*$/gm)).toEqual([`URIs: ${made.server.url}/channels/web/production/lazy/`])
    const apt = await aptOf(world, made.server)
    await apt.setSources(sources)
    await cleanUpdate(apt)
    expect((await apt.policy('later')).candidate).toBe('2')
  })

  it('says which client there is nothing for, and what does not exist', async () => {
    const get = async (path: string) => {
      const { status, body } = await made.server.get(path)
      return `${status} ${body}`
    }
    expect(await get('/channels/web/production/setup/base/apt.sources')).toMatch(/^404 .*nothing for apt/)
    expect(await get('/channels/web/production/setup/none/apt.sources')).toMatch(
      /^404 .*none does not travel/,
    )
    expect(await get('/channels/web/staging/setup/apt.sources')).toMatch(/^404 .*nothing was promoted/)
    expect(await get('/channels/constructor/x/setup/apt.sources')).toMatch(/^404 /)
    expect(await get('/releases/web/20000101T000000Z/setup/apt.sources')).toMatch(/^404 /)
  })

  it("that keeps upstream's signatures says what is lost, and apt verifies them with upstream's key", async () => {
    const sources = await made.text('/channels/web/asis/setup/apt.sources')
    expect(sources).toContain('`seal: false`')
    expect(sources).toContain('Check-Valid-Until: no\n')
    const apt = await made.apt('web/asis')
    await cleanUpdate(apt)
    expect((await apt.policy('hello')).candidate).toBe('2')
  })
})

describe('a release', () => {
  it('is set up like a dated snapshot', async () => {
    const at = timestampOf(made.releases[0]!)
    const apt = await aptOf(world, made.server)
    await apt.setSources(await made.text(`/releases/web/${at}/setup/apt.sources`))
    await cleanUpdate(apt)
    expect((await apt.policy('hello')).candidate).toBe('1')
    const repo = await made.text(`/releases/web/${at}/setup/dnf.repo`)
    expect(repo).toContain(`baseurl=${made.server.url}/releases/web/${at}/base/\n`)
    expect(repo).toContain('metadata_expire=never\n')
  })

  it('is handed out as the bytes that gpg verifies', async () => {
    const at = `/releases/web/${timestampOf(made.releases[1]!)}/release.json`
    const home = mkdtempSync(join(tmpdir(), 'switchyard-gpg-'))
    world.atEnd(() => rmSync(home, { recursive: true }))
    for (const ending of ['', '.asc', '.key.asc'])
      writeFileSync(join(home, `release.json${ending}`), await made.text(`${at}${ending}`))
    const gpg = (...args: string[]) => ['--homedir', home, '--batch', ...args]
    execFileSync('gpg', gpg('--import', join(home, 'release.json.key.asc')), { stdio: 'pipe' })
    const run = spawnSync(
      'gpg',
      gpg('--verify', join(home, 'release.json.asc'), join(home, 'release.json')),
      {
        encoding: 'utf8',
      },
    )
    expect(run, run.stderr).toMatchObject({ status: 0 })
    const text = await made.text(at)
    expect(text).toBe(`${canonicalJson(JSON.parse(text) as Json)}\n`)
    expect(JSON.parse(text)).toMatchObject({ train: 'web', timestamp: timestampOf(made.releases[1]!) })
  })
})

describe('the pages', () => {
  it('lead from the first one to the channels of a train and the lines for its clients', async () => {
    expect(await made.text('/')).toContain('<a href="/channels/web/">web</a>')
    for (const path of ['/channels/web', '/channels/web/', '/channels/web/production/']) {
      const page = await made.text(path)
      expect(page).toContain(`web@${timestampOf(made.releases[1]!)}`)
      expect(page).toContain(`${made.server.url}/channels/web/production/setup/dnf.repo`)
      expect(page).toContain('never promoted to')
    }
    expect((await made.server.get('/channels/none/')).status).toBe(404)
  })
})
