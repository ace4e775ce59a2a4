import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  channelRole,
  moveRequest,
  type Person,
  person,
  trustOfPeople,
} from '../../trust/ceremony/request.fixture.ts'
import { loadKeyFile, parseRequest, requestText, signaturesOf } from '../../trust/index.ts'
import { readHalts, type StatementKey } from '../../trust/pure.ts'
import { createProgram } from '../program.ts'

/** What people run on machines of their own, without a yard, a network or a terminal. */
const directory = mkdtempSync(join(tmpdir(), 'switchyard-sign-'))
const at = (name: string) => join(directory, name)
afterAll(() => rmSync(directory, { recursive: true }))

async function run(...args: string[]): Promise<string> {
  let printed = ''
  const print = (text: string) => {
    printed += text
  }
  const cli = {
    environment: {},
    workingDirectory: directory,
    out: print,
    err: print,
    terminal: false,
    columns: 80,
    signal: new AbortController().signal,
    setExitStatus: () => undefined,
  }
  await createProgram(cli).parseAsync(args, { from: 'user' })
  return printed
}

let ada: StatementKey
let eve: Person
beforeAll(async () => {
  eve = person('eve')
  writeFileSync(at('secret'), 'correct horse\n', { mode: 0o600 })
  await run('trust', 'keys', 'create', 'ada.pem', '--passphrase-file', 'secret')
  await run('trust', 'keys', 'create', 'stranger.pem')
  const signer = await loadKeyFile(at('ada.pem'), { passphrase: async () => 'correct horse' })
  ada = signer.key
  const people = trustOfPeople(2, person('ada', signer), eve)
  const request = moveRequest(people, trustOfPeople(1, person('online')), [eve])
  writeFileSync(at('request.json'), requestText(request))
})

describe('trust keys create', () => {
  it('makes a file for its owner alone and one to hand over, and overwrites neither', async () => {
    expect(statSync(at('ada.pem')).mode & 0o777).toBe(0o600)
    expect(readFileSync(at('ada.pem'), 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY/)
    expect(await run('trust', 'keys', 'show', 'ada.pub')).toBe(`${ada.keyid}\n`)
    for (const [name, taken] of [
      ['ada.pem', 'ada.pub'],
      ['secret', 'secret'],
    ] as const)
      await expect(run('trust', 'keys', 'create', name)).rejects.toMatchObject({
        code: 'exists',
        message: expect.stringContaining(taken),
      })
    expect(existsSync(at('secret.pub'))).toBe(false)
  })

  it.each([
    ['that others can read', 'open', 'correct horse\n', 0o644, /can be read by others/],
    ['with nothing in it', 'empty', '\n', 0o600, /is empty/],
    ['that is not there', 'nowhere', undefined, 0o600, /cannot be read/],
  ])('takes no passphrase from a file %s', async (_, name, text, mode, message) => {
    if (text !== undefined) writeFileSync(at(name), text, { mode })
    await expect(run('trust', 'keys', 'create', 'new.pem', '--passphrase-file', name)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    })
    expect([existsSync(at('new.pem')), existsSync(at('new.pub'))]).toEqual([false, false])
  })
})

describe('sign', () => {
  it('says what changes, what stays, and who has signed, and signs nothing without a key', async () => {
    const before = readFileSync(at('request.json'))
    const words = await run('sign', 'request.json')
    expect(words).toMatch(/^web\/production {2}\(change 1, version 8, good until 2027-02-19\)$/m)
    expect(words).toMatch(/^ {2}release +web@20261122T070000Z [0-9a-f]{64} +CHANGED$/m)
    expect(words).toMatch(/^ +web@20261121T070000Z [0-9a-f]{64} +before$/m)
    expect(words).toMatch(/^ {2}fall-backs +none +as before$/m)
    expect(words).toMatch(/signed by 1 of 2: eve [0-9a-f]{16}; may sign: ada [0-9a-f]{16}/)
    expect(readFileSync(at('request.json'))).toEqual(before)
  })

  it('adds its signature to those that are there', async () => {
    const key = ['--key', 'ada.pem', '--passphrase-file', 'secret']
    const words = await run('sign', 'request.json', ...key, '--out', 'signed.json')
    expect(words).toMatch(/\(yours\)/)
    expect(words).not.toContain('correct horse')
    const signed = signaturesOf(parseRequest(readFileSync(at('signed.json'), 'utf8'), 'signed.json'))
    expect(signed.map(({ role }) => role)).toEqual([channelRole])
    expect(signed[0]!.asked[0]!.have.map(({ owner }) => owner)).toEqual(['ada', 'eve'])
  })

  it.each([
    [
      'a key that may not',
      ['request.json', '--key', 'stranger.pem', '--out', 'no.json'],
      'refused',
      /may sign nothing/,
    ],
    ['nowhere to put it', ['request.json', '--key', 'stranger.pem'], 'usage', /both --key and --out/],
    ['a file of something else', ['ada.pub'], 'invalid', /no request for signatures/],
    ['no file', ['nothing.json'], 'usage', /cannot be read/],
    [
      'a passphrase and nobody to ask',
      ['request.json', '--key', 'ada.pem', '--passphrase-file', 'request.json', '--out', 'no.json'],
      'usage',
      /passphrase/,
    ],
  ])('fails with %s, and writes nothing', async (_, args, code, message) => {
    await expect(run('sign', ...args)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    expect(existsSync(at('no.json'))).toBe(false)
  })

  it('signs nothing that was changed on its way so that words are missing', async () => {
    const changed = JSON.parse(readFileSync(at('request.json'), 'utf8'))
    changed.waiting[0].metadata.signed.more = 1
    writeFileSync(at('changed.json'), JSON.stringify(changed))
    await expect(
      run('sign', 'changed.json', '--key', 'stranger.pem', '--out', 'no.json'),
    ).rejects.toMatchObject({ code: 'untrusted' })
  })
})

it('sign proves what is in force by a root that its user trusts', async () => {
  const { root } = JSON.parse(readFileSync(at('request.json'), 'utf8'))
  writeFileSync(at('root.json'), JSON.stringify(root))
  expect(await run('sign', 'request.json', '--root', 'root.json')).toMatch(
    /^in force: root 1, .*; follows from/,
  )
  root.signed.version = 9
  writeFileSync(at('other.json'), JSON.stringify(root))
  await expect(run('sign', 'request.json', '--root', 'other.json')).rejects.toMatchObject({
    code: 'untrusted',
  })
  await expect(run('sign', 'request.json', '--root', 'ada.pub')).rejects.toMatchObject({ code: 'invalid' })
})

describe('stop', () => {
  it('needs nothing but a key where it writes a file', async () => {
    const said = await run(
      'stop',
      'web/production',
      'db',
      '--why',
      'disks \u001b[31mfill',
      '--key',
      'stranger.pem',
      '--out',
      'halt.json',
    )
    expect(said).toMatch(/^halt \d+ of web\/production, db, by .*: disks \\x1b\[31mfill\n$/)
    expect(readHalts(readFileSync(at('halt.json'), 'utf8'))).toHaveLength(1)
    expect(await run('sign', 'halt.json')).toBe(said)
  })

  it('takes a second signature', async () => {
    const key = ['--key', 'ada.pem', '--passphrase-file', 'secret']
    await run('sign', 'halt.json', ...key, '--out', 'both.json')
    const [halt] = readHalts(readFileSync(at('both.json'), 'utf8'))!
    expect(halt!.signatures.map(({ keyid }) => keyid)).toContain(ada.keyid)
    expect(halt!.signatures).toHaveLength(2)
  })

  it.each([
    ['a name that is none', ['Web/production']],
    ['three names', ['web/production/east']],
  ])('refuses %s', async (_, scope) => {
    const args = ['--why', 'x', '--key', 'stranger.pem', '--out', 'no.json']
    await expect(run('stop', ...scope, ...args)).rejects.toMatchObject({ code: 'usage' })
    expect(existsSync(at('no.json'))).toBe(false)
  })

  it('says what is missing: a yard, or a key', async () => {
    await expect(run('stop', '--why', 'x', '--key', 'stranger.pem')).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(run('stop', '--why', 'x', '--out', 'no.json')).rejects.toMatchObject({ code: 'usage' })
  })
})
