import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { timestampOf } from '../model/index.ts'
import { mountTmpfs } from '../store/fs/tmpfs.fixture.ts'
import { createHost } from './host.fixture.ts'
import { startYardServer, type YardServerFixture } from './yard-server.fixture.ts'

let server: YardServerFixture
beforeEach(async () => {
  server = await startYardServer()
})
afterEach(() => server.stop())

const page = 4096

describe('a disk that is full', () => {
  it('keeps a check from taking news, whatever little is left; what was trusted stays, and it goes on with more space', async () => {
    const tmpfs = mountTmpfs('size=512k')
    const host = createHost(tmpfs.directory)
    await host.enroll(server.enrolmentFile())
    await host.agent('check')
    const filler = join(host.root, 'filler')
    const outcomes = new Set<number>()
    for (let pages = 0; pages <= 14; pages++) {
      server.yard.now += 5_000
      server.yard.depart(timestampOf(server.yard.now))
      mkdirSync(host.layout.inbox, { recursive: true })
      const before = readFileSync(host.layout.trusted)
      fillAllBut(filler, pages)
      const { status, err } = await host.agent('check')
      outcomes.add(status)
      if (status !== 0) expect(err).toMatch(/no space is left; what was there before is untouched/)
      expect((await host.agent('why')).status).toBe(0)
      const after = readFileSync(host.layout.trusted)
      if (status === 0) expect(after.equals(before)).toBe(false)
      expect(JSON.parse(after.toString()).standing).toBeDefined()
      expect(readdirSync(host.layout.state).filter(name => name.endsWith('.new'))).toEqual([])
      rmSync(filler)
    }
    expect(outcomes).toEqual(new Set([1, 0]))
    expect((await host.agent('check')).status).toBe(0)
    tmpfs.remove()
  })

  it('or read-only: an error that says so, and nothing else', async () => {
    const tmpfs = mountTmpfs('size=512k')
    const host = createHost(tmpfs.directory)
    await host.enroll(server.enrolmentFile())
    await host.agent('check')
    tmpfs.remount('ro')
    const { status, err } = await host.agent('check')
    expect({ status, err }).toEqual({
      status: 1,
      err: expect.stringMatching(/cannot lock .*\n {2}check the owner/),
    })
    expect((await host.agent('why')).out).toMatch(/may update now/)
    tmpfs.remove()
  })
})

/** Fills a file system but for so many pages. */
function fillAllBut(filler: string, pages: number): void {
  try {
    for (;;) writeFileSync(filler, Buffer.alloc(page), { flag: 'a' })
  } catch {
    const { size } = statSync(filler)
    truncateSync(filler, Math.max(0, size - pages * page))
  }
}
