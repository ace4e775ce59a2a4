import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHost, type HostFixture } from './host.fixture.ts'
import { startYardServer, type YardServerFixture } from './yard-server.fixture.ts'

let server: YardServerFixture
let host: HostFixture
beforeEach(async () => {
  server = await startYardServer()
  host = createHost()
})
afterEach(async () => {
  host.remove()
  await server.stop()
})

const identity = () => JSON.parse(readFileSync(host.layout.identity, 'utf8'))

describe('a machine that enrols', () => {
  it('is a host, whose key nobody else can read or has seen, and is woken to check', async () => {
    const { status, out } = await host.enroll(server.enrolmentFile())
    expect({ status, out }).toEqual({
      status: 0,
      out: `This machine is host ${identity().host} now and follows web/production.\n`,
    })
    for (const file of [host.layout.key, host.layout.identity])
      expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(host.layout.inbox)).toEqual(['wake'])
    expect(readFileSync(host.layout.key, 'utf8')).toMatch(/PRIVATE KEY/)
    expect((await host.agent('check')).status).toBe(0)
    expect(server.asked.at(-1)).toMatchObject({ path: '/hosts/v1/reports', host: identity().host })
  })

  it('is told why it may not, and may try again with the same key', async () => {
    const refused = await host.enroll({ ...server.enrolmentFile(), token: 'spent' })
    expect(refused).toMatchObject({
      status: 3,
      err: expect.stringMatching(/the token is not good \(status 403\)/),
    })
    expect(existsSync(host.layout.identity)).toBe(false)
    const key = readFileSync(host.layout.key, 'utf8')
    expect((await host.enroll(server.enrolmentFile())).status).toBe(0)
    expect(readFileSync(host.layout.key, 'utf8')).toBe(key)
  })

  it('is the same host when the answer was lost on its way', async () => {
    let lost: string | undefined
    server.meddle = (path, answer) => {
      if (path !== '/hosts/v1/enrol' || lost !== undefined) return false
      const { end } = answer
      // The server has done its part when it answers.
      answer.end = (text => {
        lost = String(text)
        answer.end = end
        answer.destroy()
        return answer
      }) as typeof end
      return false
    }
    expect(await host.enroll(server.enrolmentFile())).toMatchObject({
      status: 1,
      err: expect.stringMatching(/the connection was cut/),
    })
    expect((await host.enroll(server.enrolmentFile())).status).toBe(0)
    expect(identity().host).toBe(JSON.parse(lost!).host)
  })

  it('is so once only, until it leaves; then it is another', async () => {
    await host.enroll(server.enrolmentFile())
    const first = identity().host
    expect(await host.enroll(server.enrolmentFile())).toMatchObject({
      status: 1,
      err: expect.stringMatching(/host already/),
    })
    expect((await host.agent('leave')).status).toBe(0)
    expect(readdirSync(host.layout.state).sort()).toEqual(['inbox', 'lock'])
    expect(await host.agent('leave')).toMatchObject({ status: 1, err: expect.stringMatching(/is no host/) })
    await host.enroll(server.enrolmentFile())
    expect(identity().host).not.toBe(first)
  })

  it('does not take a certificate that is for another key', async () => {
    const other = createHost()
    await other.enroll(server.enrolmentFile())
    const certificate = JSON.parse(readFileSync(other.layout.identity, 'utf8'))
    other.remove()
    server.meddle = (path, answer) => {
      if (path === '/hosts/v1/enrol') answer.end(JSON.stringify(certificate))
      return path === '/hosts/v1/enrol'
    }
    expect((await host.enroll(server.enrolmentFile())).err).toMatch(
      /it is for another key; nothing was changed/,
    )
    expect(existsSync(host.layout.identity)).toBe(false)
  })

  it('does not talk to a server that the yard did not certify', async () => {
    const stranger = await startYardServer()
    try {
      const file = { ...server.enrolmentFile(), server: stranger.origin }
      expect((await host.enroll(file)).err).toMatch(
        /nobody whom this host trusts vouches for its certificate/,
      )
      expect(stranger.asked).toEqual([])
    } finally {
      await stranger.stop()
    }
  })

  it.each([
    ['nothing', () => '', /not a JSON object/],
    ['another version', () => ({ version: 2 }), /another version/],
    ['a server without TLS', () => ({ server: 'http://yard.example.org' }), /no https: URL/],
    ['no certificate', () => ({ ca: '' }), /no certificate/],
    ['no token', () => ({ token: undefined }), /no token/],
    ['another root', () => ({ root: { sha256: '0'.repeat(64), metadata: 'e30=' } }), /another digest/],
    ['a place that is none', () => ({ places: ['ftp://mirror.example.org/'] }), /not a place: "ftp:/],
    ['a place with a password', () => ({ places: ['https://me:secret@mirror.example.org/'] }), /not a place/],
  ])('says what is wrong with its file: %s', async (_, changes, message) => {
    const change = changes()
    const file = typeof change === 'string' ? {} : { ...server.enrolmentFile(), ...change }
    const answer = typeof change === 'string' ? await host.enroll([]) : await host.enroll(file)
    expect(answer).toMatchObject({ status: 2, err: expect.stringMatching(message) })
    expect(existsSync(host.layout.key)).toBe(false)
  })

  it('needs a machine id', async () => {
    writeFileSync(host.layout.machineId, 'uninitialized\n')
    expect((await host.enroll(server.enrolmentFile())).err).toMatch(/holds no machine id/)
  })
})

describe('a machine that is no host', () => {
  it('has nothing to check, and says so', async () => {
    expect(await host.agent('check')).toEqual({
      status: 0,
      out: 'This machine is no host: there is nothing to check.\n',
      err: '',
    })
    expect((await host.agent('why')).out).toMatch(/not-enrolled\n.*\n\nWhat to do: switchyard-agent enroll/s)
    expect(JSON.parse((await host.agent('status', '--json')).out)).toMatchObject({ enrolled: false })
  })
})
