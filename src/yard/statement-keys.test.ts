import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Departures, Name } from '../model/index.ts'
import { openMemoryStore } from '../store/index.ts'
import type { TrainContext } from '../train/index.ts'
import { keysAtHand, openStatements, type Statements, type TrustedKey } from '../trust/index.ts'
import { roleOf, type StatementSigner, statementSignerOf } from '../trust/pure.ts'
import { requestSignatures, takeIn } from './ceremony.ts'
import { createStatementKeys, type StatementKeys } from './statement-keys.ts'

interface Person extends StatementSigner {
  trusted: TrustedKey
}
const person = (owner: string): Person => {
  const signer = statementSignerOf(generateKeyPairSync('ed25519').privateKey)
  return { ...signer, trusted: { ...signer.key, owner } }
}
const people = ['ada', 'ben', 'eve'].map(person)
const [ada, ben, eve] = people as [Person, Person, Person]
const two = { keys: people.map(({ trusted }) => trusted), threshold: 2 }
const [web, staging] = ['web', 'staging'] as [Name, Name]

let directory: string
let context: TrainContext
let statements: Statements
let keys: StatementKeys
let log: { verb: string; why?: string }[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'switchyard-statement-keys-'))
  const store = openMemoryStore()
  const now = Date.now
  statements = openStatements({ ...store, keys: keysAtHand(directory), now })
  log = []
  const catalog = { appendAudit: async (draft: { verb: string; why?: string }) => void log.push(draft) }
  context = {
    ...store,
    statements,
    now,
    actor: { who: 'ada', via: 'command line' },
    catalog: async () => catalog,
  } as unknown as TrainContext
  keys = createStatementKeys(directory, context)
})
afterEach(() => rmSync(directory, { recursive: true }))

/** Signs all that waits, as `switchyard sign` does, and brings it back. */
async function sign(...signers: Person[]): Promise<void> {
  const { requestText, rolesSignedBy, signRequest } = await import('../trust/index.ts')
  for (const signer of signers) {
    const request = await requestSignatures(context)
    if (request === undefined) return
    const roles = new Set(rolesSignedBy(request, signer.key.keyid))
    await takeIn(context, requestText(signRequest(request, roles, signer)))
  }
}

async function signersOf(name: string): Promise<[number, string[]]> {
  const { roles } = await statements.state()
  const { threshold, keys } = roles.find(({ role }) => role === name)!
  return [threshold, keys.map(({ owner, keyid }) => owner ?? keyid)]
}

describe('harden', () => {
  it('gives every role to people but what is signed online, once enough of them have signed', async () => {
    expect(await keys.harden(two, { why: 'grown up' })).toEqual({ staged: expect.any(Number) })
    expect(await statements.state()).toMatchObject({ isSolo: true, root: { version: 1 } })
    await sign(ada)
    expect((await statements.state()).root!.version).toBe(1)
    await sign(eve)
    const all = ['ada', 'ben', 'eve']
    for (const role of ['root', 'targets']) expect(await signersOf(role)).toEqual([2, all])
    for (const role of ['snapshot', 'timestamp']) expect(await signersOf(role)).toEqual([1, ['online']])
    expect(await signersOf('halt')).toEqual([1, all])
    expect([...new Set(log.map(({ verb }) => verb))]).toEqual(['harden', 'sign'])
    expect(log[0]!.why).toBe('grown up')
  })

  it('lets others stop', async () => {
    const oncall = person('oncall')
    await keys.harden(two, { halt: [ada.trusted, oncall.trusted] })
    await sign(ada, ben)
    expect(await signersOf('halt')).toEqual([1, ['ada', 'oncall']])
  })

  it('goes on where somebody began and was interrupted', async () => {
    const { staged } = await keys.harden(two, {})
    await statements.withdraw(staged!)
    await keys.harden(two, {})
    await sign(ada, ben)
    expect(readdirSync(directory).sort()).toEqual(['online.pem', 'solo.pem'])
  })

  it('changes the people later, and keeps the key that signs online', async () => {
    await keys.harden(two, {})
    await sign(ada, ben)
    const online = await signersOf('timestamp')
    await keys.harden({ keys: [ada.trusted, ben.trusted], threshold: 1 }, {})
    await sign(ada, eve)
    expect(await signersOf('root')).toEqual([1, ['ada', 'ben']])
    expect(await signersOf('timestamp')).toEqual(online)
  })

  it.each([
    ['more signatures than keys', () => ({ keys: [ada.trusted], threshold: 2 }), /2 signatures .* of 1 keys/],
    ['one key twice', () => ({ keys: [ada.trusted, ada.trusted], threshold: 2 }), /named twice/],
    [
      'a key of the yard itself',
      async () => {
        await statements.root()
        const [own] = (await statements.state()).roles[0]!.keys
        return { keys: [own!, ada.trusted], threshold: 1 }
      },
      /lies in the yard/,
    ],
  ])('refuses %s', async (_, asked, message) => {
    await expect(keys.harden(await asked(), {})).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    })
    expect((await statements.state()).staged).toEqual([])
  })
})

describe('rotate', () => {
  it('puts a new key in the place of the one of a solo yard, at once', async () => {
    const { published, file } = await keys.rotate('solo', {})
    expect(published).toBeDefined()
    expect(file).toBe(join(directory, 'solo-2.pem'))
    expect(await statements.state()).toMatchObject({ isSolo: true, root: { version: 2 } })
    const [, old] = await signersOf('root')
    expect((await keys.rotate(old[0]!.slice(0, 8), {})).published).toBeDefined()
  })

  it("puts a person's new key into every role of the old one, channels of its own too", async () => {
    await keys.harden(two, {})
    await sign(ada, ben)
    const departures: Departures = {
      version: 1,
      train: web,
      channel: staging,
      release: { release: '20261121T070000Z' as never, digest: 'a'.repeat(64) as never },
      floor: '20261101T070000Z' as never,
      fallbacks: [],
      lifted: 0,
      moved: '20261121T080000Z' as never,
    }
    await statements.publish({ departures: [departures] })
    await keys.assign({ train: web, channel: staging, keys: [ada.trusted], threshold: 1 }, {})
    await sign(ada, ben)
    const role = roleOf.channel(web, staging)
    expect(await signersOf(role)).toEqual([1, ['ada']])

    const next = person('ada-2')
    await keys.rotate('ada', { next: next.trusted })
    await sign(ben, eve, next)
    for (const name of ['root', 'targets', 'halt'])
      expect((await signersOf(name))[1], name).toEqual(['ada-2', 'ben', 'eve'])
    expect(await signersOf(role)).toEqual([1, ['ada-2']])
  })

  it('goes on from what waits for signatures', async () => {
    await keys.harden(two, {})
    await sign(ada, ben)
    const [next, last] = [person('ada-2'), person('ben-2')]
    await keys.rotate('ada', { next: next.trusted })
    await keys.rotate('ben', { next: last.trusted })
    await keys.rotate('online', {})
    await sign(ben, eve, next)
    expect(await signersOf('root')).toEqual([2, ['ada-2', 'ben-2', 'eve']])
    expect(readdirSync(directory)).toContain('online-2.pem')
    expect((await statements.state()).atHand).toContain((await statements.state()).roles[3]!.keys[0]!.keyid)
  })

  it.each([
    ['nobody', 'bob', undefined, 'not-found', /no key is called "bob"/],
    ['too few digits', 'a', undefined, 'not-found', /no key is called/],
    ["a key for the yard's own", 'online', person('new'), 'usage', /lies in the yard/],
    ['no key for a person', 'ada', undefined, 'usage', /no new one is named/],
    ['a key that another has', 'ada', ben, 'usage', /has that key already/],
  ])('refuses %s', async (_, name, next, code, message) => {
    await keys.harden(two, {})
    await sign(ada, ben)
    await expect(keys.rotate(name, { next: next?.trusted })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    expect((await statements.state()).staged).toEqual([])
    expect(readdirSync(directory).sort()).toEqual(['online.pem', 'solo.pem'])
  })
})
