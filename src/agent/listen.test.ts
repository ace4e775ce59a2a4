import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHost, type HostFixture, until } from './host.fixture.ts'
import { listen } from './listen.ts'
import { startYardServer, type YardServerFixture } from './yard-server.fixture.ts'

let server: YardServerFixture
let host: HostFixture
let wakeFile: string
beforeEach(async () => {
  server = await startYardServer()
  host = createHost()
  await host.enroll(server.enrolmentFile())
  wakeFile = join(host.layout.inbox, 'wake')
  rmSync(wakeFile)
})
afterEach(async () => {
  host.remove()
  await server.stop()
})

describe('a host that listens', () => {
  it('is woken when the yard says that there is something, and ends when it is told to', async () => {
    const stop = new AbortController()
    const lines: string[] = []
    const listening = listen(host.layout, line => void lines.push(line), stop.signal)
    await until(server.isHeard)
    expect(server.asked.at(-1)).toMatchObject({
      path: '/hosts/v1/events',
      host: JSON.parse(readFileSync(host.layout.identity, 'utf8')).host,
    })
    expect(existsSync(wakeFile)).toBe(false)
    server.tell('halt')
    await until(() => existsSync(wakeFile))
    stop.abort()
    await listening
    expect(lines).toEqual([])
  })

  it('connects again when the connection is lost, and says why it could not', async () => {
    const stop = new AbortController()
    const lines: string[] = []
    const listening = listen(host.layout, line => void lines.push(line), stop.signal)
    await until(server.isHeard)
    server.hangUp()
    await until(server.isHeard)
    expect(lines.join('')).not.toMatch(/defect/)
    server.tell('halt')
    await until(() => existsSync(wakeFile))
    stop.abort()
    await listening
  })

  it('keeps one waking ahead, however much there is to hear', async () => {
    const stop = new AbortController()
    const listening = listen(host.layout, () => {}, stop.signal)
    await until(server.isHeard)
    for (let i = 0; i < 10_000; i++) server.tell('departures')
    server.tell('halt')
    await until(() => existsSync(wakeFile))
    expect(process.getActiveResourcesInfo().filter(one => one === 'Timeout').length).toBeLessThan(100)
    stop.abort()
    await listening
  })

  it('ends where it is shut out', async () => {
    server.meddle = (_, answer) => answer.writeHead(403).end() !== undefined
    await expect(listen(host.layout, () => {}, new AbortController().signal)).rejects.toThrow(/answers 403/)
  })
})
