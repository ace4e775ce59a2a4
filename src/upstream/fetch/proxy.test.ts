import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAptProxy, readAptProxy } from './apt-proxy.ts'
import { type AptProxy, chooseProxy } from './proxy.ts'

const apt: AptProxy = { http: 'http://apt.example.org:3142', https: undefined, direct: ['near.example.org'] }
const silent = async (): Promise<undefined> => undefined
const never = async (): Promise<undefined> => {
  throw new Error('apt was asked')
}

describe('chooseProxy', () => {
  it('takes the configured proxy before any other, for http and https', async () => {
    const environment = { http_proxy: 'http://other.example.org', no_proxy: '*' }
    expect(await chooseProxy('http://proxy.example.org:3128', environment, never, 'x')).toMatchObject({
      http: 'http://proxy.example.org:3128/',
      https: 'http://proxy.example.org:3128/',
      except: undefined,
    })
  })

  it('takes none at all when told so', async () => {
    const choice = await chooseProxy('none', { http_proxy: 'http://other.example.org' }, never, 'x')
    expect(choice).toMatchObject({ http: undefined, https: undefined })
  })

  it("takes the environment's, lower case first, before apt's", async () => {
    const environment = {
      http_proxy: 'low.example.org:1',
      HTTP_PROXY: 'http://up.example.org',
      NO_PROXY: 'a,b',
    }
    expect(await chooseProxy(undefined, environment, never, 'x')).toMatchObject({
      http: 'http://low.example.org:1/',
      https: undefined,
      except: 'a,b',
    })
  })

  it("takes apt's when configuration and environment are silent, but never for this machine", async () => {
    const choice = await chooseProxy(undefined, { http_proxy: '' }, async () => apt, 'x')
    expect(choice.http).toBe('http://apt.example.org:3142/')
    expect(choice.except?.split(',')).toEqual(expect.arrayContaining(['127.0.0.1', 'near.example.org']))
  })

  it('takes none when nobody names one', async () => {
    expect(await chooseProxy(undefined, {}, silent, 'x')).toMatchObject({ http: undefined, https: undefined })
  })

  it('refuses what is no http proxy without repeating it', async () => {
    const wrong = chooseProxy('socks5://me:secret@proxy.example.org', {}, silent, 'debian')
    await expect(wrong).rejects.toMatchObject({
      code: 'configuration',
      message: 'debian: the configured proxy is not an http or https URL',
    })
  })
})

describe('readAptProxy', () => {
  it('gives undefined where there is no apt', async () => {
    expect(await readAptProxy(silent)).toBeUndefined()
  })

  it('gives undefined when apt uses none', () => {
    expect(parseAptProxy('Acquire::http \nAcquire::https \n')).toBeUndefined()
  })

  it("reads the real apt-config's answer, https falling back to http", async () => {
    const directory = await mkdtemp(join(tmpdir(), 'switchyard-apt-'))
    const file = join(directory, 'apt.conf')
    await writeFile(
      file,
      'Acquire::http::Proxy "http://me:secret@proxy.example.org:3142";\nAcquire::http::Proxy::near.example.org "DIRECT";\n',
    )
    const run = (program: string, parameters: string[]): Promise<string> =>
      new Promise((resolve, reject) =>
        execFile(program, parameters, { env: { ...process.env, APT_CONFIG: file } }, (error, output) =>
          error === null ? resolve(output) : reject(error),
        ),
      )
    expect(await readAptProxy(run)).toEqual({
      http: 'http://me:secret@proxy.example.org:3142',
      https: 'http://me:secret@proxy.example.org:3142',
      direct: ['near.example.org'],
    })
    await rm(directory, { recursive: true })
  })
})
