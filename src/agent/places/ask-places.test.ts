import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newSigner } from '../../trust/statements/verify/repository.fixture.ts'
import { hostOfAYard } from '../host-of-a-yard.fixture.ts'
import { startYardServer } from '../yard-server.fixture.ts'

const world = hostOfAYard()

describe('of several places', () => {
  it.each(['first', 'last'])('the newest wins when the %s one lags, which is no attack', async position => {
    const old = world.stick()
    const next = world.moveOn()
    world.host.settings({
      places: position === 'first' ? [old, world.departures()] : [world.departures(), old],
    })
    expect((await world.host.agent('check')).status).toBe(0)
    expect(await world.follows()).toBe(next)
    expect((await world.findings()).sort()).toEqual(['behind', 'current'])
    expect(world.server.reports.at(-1)?.kind).toBe('alive')
  })

  it('one that lies is not believed, named, and reported, while another is good', async () => {
    const next = world.moveOn()
    const lies = world.stick()
    const eve = [newSigner()]
    const { signers } = world.server.yard
    const honest = signers.get('timestamp')!
    signers.set('timestamp', eve)
    world.server.yard.putOnline()
    writeFileSync(
      join(world.host.root, 'stick/metadata/timestamp.json'),
      world.server.yard.files.get('metadata/timestamp.json')!,
    )
    signers.set('timestamp', honest)
    world.server.yard.putOnline()
    world.host.settings({ places: [lies, world.departures()] })
    const { status, err } = await world.host.agent('check')
    expect(status).toBe(4)
    expect(err).toMatch(/arbitrary-software: somebody without the keys/)
    expect(await world.follows()).toBe(next)
    expect(world.server.reports.at(-1)).toMatchObject({
      kind: 'refused',
      reason: { word: 'arbitrary-software' },
    })
    expect((await world.host.agent('why')).out).toMatch(/^This host may update now/)
  })

  it('one that is down or has lost its files is passed over', async () => {
    world.host.settings({ places: ['https://127.0.0.1:1/', 'file:///nowhere', world.departures()] })
    expect(await world.host.agent('check')).toMatchObject({
      status: 4,
      err: expect.stringMatching(/nobody listens there/),
    })
    expect(await world.findings()).toEqual(['unavailable', 'unavailable', 'current'])
  })

  it('with all of them down it stands on what it has, fails, and reports later', async () => {
    await world.host.agent('check')
    const before = await world.follows()
    const places = world.server.places
    await world.server.stop()
    world.host.clock.boot = world.host.clock.boot.replace('1', '2')
    expect((await world.host.agent('check')).status).toBe(1)
    expect(await world.follows()).toBe(before)
    expect(await world.status()).toMatchObject({ waitingReports: 1, statements: { freshness: 'fresh' } })
    expect(places).toHaveLength(1)
    world.server = await startYardServer()
  })

  it('a stick brings news to a host without a network', async () => {
    await world.host.agent('check')
    const next = world.moveOn()
    world.host.settings({ places: ['https://127.0.0.1:1/', world.stick()] })
    world.server.meddle = (_, answer) => answer.destroy() !== undefined
    expect((await world.host.agent('check')).status).toBe(4)
    expect(await world.follows()).toBe(next)
  })

  it('one that holds back its bytes is given up, by name, and the next is asked', async () => {
    // Says yes, and then nothing.
    const mute = createServer(
      socket => void socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n{')),
    )
    mute.listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}/`
    world.host.settings({ places: [url, world.stick()], limits: { window: 2, bytes: 1_000, place: 60 } })
    await world.host.agent('check')
    mute.close()
    expect((await world.findings())[0]).toBe('slow-retrieval')
    expect(await world.follows()).toBe(world.server.yard.release.release)
  })

  it('one that does not answer at all is unavailable', async () => {
    const silent = createServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`
    world.host.settings({ places: [url, world.stick()], limits: { window: 0.2, bytes: 1_000, place: 60 } })
    const { err } = await world.host.agent('check')
    silent.close()
    expect(err).toMatch(/it does not answer/)
    expect((await world.findings())[0]).toBe('unavailable')
  })

  it('one that never ends is cut off at what the file may have', async () => {
    let sent = 0
    world.server.meddle = (path, answer) => {
      if (path !== '/departures/metadata/timestamp.json') return false
      const more = () => {
        sent += 65_536
        if (!answer.destroyed && sent < 50_000_000) answer.write(Buffer.alloc(65_536, 32), more)
      }
      more()
      return true
    }
    expect((await world.host.agent('check')).status).toBe(3)
    expect(await world.findings()).toEqual(['endless-data'])
    expect(sent).toBeLessThan(50_000_000)
  })

  it('one that answers with errors, redirects or cut-off files has nothing', async () => {
    for (const answerAs of [
      () => ({ status: 500, body: 'no' }),
      () => ({ status: 302, body: '' }),
      (bytes: Buffer) => ({ status: 200, body: bytes.subarray(0, 100) }),
    ]) {
      world.server.meddle = (path, answer) => {
        const bytes = world.server.yard.files.get(path.slice('/departures/'.length))
        if (bytes === undefined) return false
        const { status, body } = answerAs(bytes)
        answer.writeHead(status, { location: '/elsewhere' }).end(body)
        return true
      }
      expect([1, 3]).toContain((await world.host.agent('check')).status)
      expect(await world.follows()).toBeUndefined()
    }
    world.server.meddle = undefined
    expect((await world.host.agent('check')).status).toBe(0)
  })
})
