import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobEvent } from '../../src/jobs/index.ts'
import {
  byteStringOfText,
  type ChannelReference,
  type HostId,
  type Name,
  parseChannelReference,
  type Timestamp,
  type YardError,
} from '../../src/model/index.ts'
import type { MovedReport } from '../../src/train/index.ts'
import {
  loadKeyFile,
  makeHalt,
  meaningsOf,
  requestText,
  rolesSignedBy,
  signRequest,
} from '../../src/trust/index.ts'
import { haltsText, type StatementSigner, statementSignerOf } from '../../src/trust/pure.ts'
import type { Yard } from '../../src/yard/index.ts'
import { buildDeb } from './apt/deb-package.ts'
import { publish } from './served.ts'
import { mirrorOf, readAll, type TestYard } from './test-yard.ts'
import { createWorld, type Mirrored, type World } from './world.ts'

const debian = 'debian' as Name
const ours = 'ours' as Name
const web = 'web' as Name
const staging = parseChannelReference('web/staging')
const production = parseChannelReference('web/production')

const newSigner = () => statementSignerOf(generateKeyPairSync('ed25519').privateKey)

/** What a yard is asked through, and what it says of who asked. */
export interface Way {
  yard: Yard
  who: string
  via: 'command line' | 'api'
  close(): Promise<void>
}

/** What holds of every implementation of `Yard`: `reach` gives the one that is looked at, over a test yard's directory. */
export function yardSuite(reach: (yard: TestYard, world: World) => Promise<Way>): void {
  let world: World
  let mirrored: Mirrored
  let directory: string
  let way: Way
  let yard: Yard

  beforeAll(async () => {
    world = createWorld()
    directory = mkdtempSync(join(tmpdir(), 'switchyard-suite-'))
    world.atEnd(() => rmSync(directory, { recursive: true, force: true }))
    const archive = world.archive({
      name: 'stable',
      packages: { main: [{ name: 'hello', version: '1.0' }, { name: 'other' }] },
    })
    const server = await world.serve(archive)
    const testYard = world.yard(
      {},
      {
        more: {
          server: { listen: '127.0.0.1:0', hosts: { name: 'yard.example.org', listen: '127.0.0.1:0' } },
          trains: {
            web: {
              repositories: ['debian'],
              channels: { staging: {}, production: { after: 'staging', gates: [{ approvals: 1 }] } },
              complete: 'fetchable',
            },
          },
        },
      },
    )
    testYard.configure({
      debian: mirrorOf(server.url, world.keyring, {}, { policy: 'on-demand' }),
      ours: { uploads: 'deb' },
    })
    mirrored = { archive, server, yard: testYard }
    way = await reach(testYard, world)
    yard = way.yard
  })
  afterAll(async () => {
    await way.close()
    await world.remove()
  })

  /** The same question to the directory itself. */
  const there = <T>(ask: (yard: Yard) => Promise<T>): Promise<T> => mirrored.yard.use(open => ask(open.yard))
  const failure = (asked: Promise<unknown>): Promise<YardError> =>
    asked.then(
      () => {
        throw new Error('it did not fail')
      },
      error => error,
    )
  const put = (name: string, bytes: Buffer | string): string => {
    writeFileSync(join(directory, name), bytes)
    return join(directory, name)
  }
  const at = async (channel: ChannelReference): Promise<Timestamp | undefined> =>
    (await yard.trains(web))[0]!.channels.find(({ name }) => name === channel.channel)!.record?.release

  describe('snapshots', () => {
    it('are made by a sync that tells how far it is, and not made when nothing is new', async () => {
      const events: JobEvent[] = []
      const [report] = await yard.sync([debian], { onEvent: event => events.push(event), why: 'the first' })
      expect(report).toMatchObject({ repository: 'debian', outcome: 'created', change: { added: 2 } })
      expect(events.filter(({ kind }) => kind === 'step').map(({ subject }) => subject)).toContain('debian')
      expect(await yard.sync([debian])).toMatchObject([{ outcome: 'unchanged' }])
      expect(await yard.log({ limit: 1 })).toMatchObject([
        { verb: 'sync', who: way.who, via: way.via, why: 'the first' },
      ])
    })

    it('are listed, looked into, read and searched', async () => {
      const [summary] = await yard.snapshots(debian)
      expect(summary!.record).toMatchObject({ repository: 'debian', format: 'apt', packageCount: 2 })
      expect(await yard.snapshots()).toEqual([summary])
      expect(await yard.snapshot('debian')).toEqual(summary)
      expect(await yard.repositories()).toEqual(await there(yard => yard.repositories()))
      expect((await yard.list('debian', byteStringOfText(''))).map(({ name }) => name)).toEqual([
        'dists',
        'pool',
      ])
      const path = byteStringOfText('dists/stable/InRelease')
      expect(await readAll(await yard.cat('debian', path))).toEqual(
        mirrored.archive.files.get('dists/stable/InRelease'),
      )
      expect(await yard.search('hel*')).toMatchObject([{ name: 'hello', version: '1.0', channels: [] }])
      expect(await yard.search('hel*', { limit: 1 })).toEqual(await there(yard => yard.search('hel*')))
    })

    it('are completed, and compared', async () => {
      const before = await yard.snapshot('debian')
      expect(before.completeness.localEntries).toBeLessThan(before.completeness.totalEntries)
      const { completeness } = await yard.fetch('debian', { why: 'for the train' })
      expect(completeness.localEntries).toBe(completeness.totalEntries)
      publish(mirrored.archive, 'hello', '2.0')
      await yard.sync([debian])
      const from = `debian@${before.record.timestamp}`
      const diff = await yard.diff(from, 'debian', { files: true })
      expect(diff.packages).toMatchObject([
        { name: 'hello', kind: 'upgraded', before: { version: '1.0' }, after: { version: '2.0' } },
      ])
      expect(diff).toEqual(await there(yard => yard.diff(from, 'debian', { files: true })))
      expect(await yard.compare(from, 'debian')).toEqual(await there(yard => yard.compare(from, 'debian')))
      expect(await yard.compareSources(from, 'debian')).toMatchObject({ count: { upgraded: 1 } })
    })
  })

  describe('uploads', () => {
    it('are one snapshot, and nothing new the second time', async () => {
      const files = [
        put('größe_1.deb', buildDeb({ name: 'tool', version: '1' })),
        put('more_1.deb', buildDeb({ name: 'more', version: '1', weight: 3_000_000 })),
      ]
      const report = await yard.upload(ours, files, { why: 'ours' })
      expect(report).toMatchObject({
        outcome: 'created',
        change: { added: 2 },
        files: [
          { file: files[0], name: 'tool', state: 'added' },
          { file: files[1], name: 'more', state: 'added' },
        ],
      })
      expect(await yard.upload(ours, files)).toMatchObject({
        outcome: 'unchanged',
        files: [{ state: 'there' }, {}],
      })
      expect((await yard.log({ limit: 1 }))[0]).toMatchObject({ verb: 'upload', who: way.who, why: 'ours' })
    })

    it('are refused whole, with each reason', async () => {
      const good = put('good_1.deb', buildDeb({ name: 'good' }))
      const bad = put('bad_1.deb', 'this is no package')
      expect(await yard.upload(ours, [good, bad])).toMatchObject({
        outcome: 'refused',
        refused: [{ name: bad, code: 'invalid' }],
      })
      const missing = join(directory, 'missing.deb')
      expect(await yard.upload(ours, [missing])).toMatchObject({
        outcome: 'refused',
        refused: [{ name: missing, code: 'not-found' }],
      })
      expect(await yard.snapshots(ours)).toHaveLength(1)
    })
  })

  describe('trains', () => {
    it('depart, and enter channels past their gates', async () => {
      expect((await yard.release(web, { why: 'the first' })).outcome).toBe('created')
      expect((await yard.release(web)).outcome).toBe('unchanged')
      const first = (await yard.releases(web))[0]!.record
      expect(await yard.promote(staging, { why: 'try it' })).toMatchObject({ outcome: 'moved' })
      expect(await yard.promote(staging)).toMatchObject({ outcome: 'unchanged' })
      const refused = await failure(yard.promote(production))
      expect(refused).toMatchObject({ code: 'refused', message: expect.stringContaining('approvals') })
      expect(await yard.gate('web', { channel: 'production' as Name })).toMatchObject([
        {
          channel: 'production',
          verdicts: expect.arrayContaining([expect.objectContaining({ label: 'approvals' })]),
        },
      ])
      const verdicts: string[] = []
      const { channel } = (await yard.promote(production, {
        release: `web@${first.timestamp}`,
        override: ['approvals'],
        why: 'it burns',
        onVerdict: ({ label }) => verdicts.push(label),
      })) as MovedReport
      expect(channel.history.at(-1)).toMatchObject({ who: way.who, overridden: [{ gate: 'approvals' }] })
      expect(verdicts).toContain('approvals')
      expect(await yard.evidence('web')).toEqual(await there(yard => yard.evidence('web')))
      expect(await yard.verdict('web', 'production' as Name, 'approvals')).toContain('approvals')
      expect(await yard.trains()).toEqual(await there(yard => yard.trains()))
      expect(await yard.releases()).toEqual(await there(yard => yard.releases()))
      expect(await yard.plan()).toEqual(await there(yard => yard.plan()))
      expect(await yard.overlay('web')).toEqual(await there(yard => yard.overlay('web')))
    })

    it('go back, and forward again', async () => {
      const [first] = (await yard.releases(web)).map(({ record }) => record.timestamp)
      publish(mirrored.archive, 'hello', '3.0')
      await yard.sync([debian])
      const { release } = await yard.release(web)
      await yard.promote(staging)
      expect(await yard.rollback(staging, { why: 'it breaks' })).toMatchObject({ outcome: 'moved' })
      expect(await at(staging)).toBe(first)
      expect(await failure(yard.rollback(staging))).toMatchObject({ code: 'refused' })
      await yard.rollback(staging, { to: `web@${release.timestamp}` })
      expect(await at(staging)).toBe(release.timestamp)
      const { channels, statements } = await yard.status()
      expect(channels[0]).toMatchObject({
        channel: 'staging',
        release: release.timestamp,
        told: { release: release.timestamp },
      })
      expect(statements.profile).toBe('solo')
      expect(await yard.resume(staging)).toEqual({ outcome: 'unchanged', halts: [] })
      const elsewhere = failure(yard.promote(staging, { expected: first!, release: `web@${first}` }))
      expect(await elsewhere).toMatchObject({ code: 'busy' })
      expect((await yard.log({ limit: 2 })).map(({ verb, why, subject }) => [verb, why, subject])).toEqual([
        ['rollback', undefined, 'web/staging'],
        ['rollback', 'it breaks', 'web/staging'],
      ])
    })

    it('are approved of, and keep packages back', async () => {
      const approval = await yard.approve('web', { why: 'read it' })
      expect(approval).toMatchObject({ outcome: 'approved', approval: { who: way.who, why: 'read it' } })
      const until = '20991231T000000Z' as Timestamp
      const held = await yard.hold({ train: web }, 'other', { why: 'it breaks', until })
      expect(held.hold).toMatchObject({ package: 'other', who: way.who, until })
      expect(await yard.holds()).toEqual([{ ...held.hold, train: 'web', expired: false }])
      expect(await yard.unhold({ train: web }, 'other')).toEqual(held.hold)
      expect(await yard.bump(web, ['hello'], { channel: 'production' as Name, why: 'urgent' })).toMatchObject(
        {
          outcome: 'created',
          packages: [{ name: 'hello', after: '3.0', asked: true }],
        },
      )
    })
  })

  describe('errors', () => {
    const cases: [what: string, ask: (yard: Yard) => Promise<unknown>, code: string][] = [
      ['a snapshot that there is not', yard => yard.snapshot('debian@20200101T000000Z'), 'not-found'],
      ['a repository that there is not', yard => yard.sync(['debain' as Name]), 'not-found'],
      ['a reference that is none', yard => yard.snapshot('Debian@@'), 'usage'],
      ['a file that there is not', yard => yard.cat('debian', 'nothing'), 'not-found'],
      ['a directory that there is not', yard => yard.list('debian', 'nothing'), 'not-found'],
      [
        'an upload to a mirror',
        yard => yard.upload(debian, [put('x.deb', buildDeb({ name: 'x' }))]),
        'not-found',
      ],
      ['a train that there is not', yard => yard.release('wev' as Name), 'not-found'],
      ['a channel that there is not', yard => yard.promote(parseChannelReference('web/prod')), 'not-found'],
      [
        'a release that there is not',
        yard => yard.promote(staging, { release: 'web@20200101T000000Z' }),
        'not-found',
      ],
      ['a snapshot that a release names', yard => yard.remove('debian'), 'refused'],
      ['comparing apples and oranges', yard => yard.diff('debian', 'nothing'), 'not-found'],
      ['a token that there is not', yard => yard.revokeToken('nobody' as Name), 'not-found'],
    ]
    it.each(cases)('%s: the same code, message and hint', async (_, ask, code) => {
      const error = await failure(ask(yard))
      expect(error).toMatchObject({ code })
      const local = await failure(there(ask))
      // Names of this machine's files do not leave a server.
      expect(error.message).toBe(
        local.message.replaceAll(
          mirrored.yard.directory,
          way.via === 'api' ? '(yard)' : mirrored.yard.directory,
        ),
      )
      expect(error.hint).toBe(local.hint)
    })
  })

  describe('upkeep', () => {
    it('frees what nothing names, proves every byte, and leaves a line each', async () => {
      expect(await yard.collectGarbage({ dryRun: true })).toMatchObject({ dryRun: true })
      expect(await yard.collectGarbage({ why: 'full' })).toMatchObject({ dryRun: false })
      expect((await yard.fsck()).findings).toEqual([])
      expect((await yard.fsck({ repair: true })).findings).toEqual([])
      const [repair, gc] = await yard.log({ limit: 2 })
      expect(gc).toMatchObject({ verb: 'gc', why: 'full', who: way.who, via: way.via })
      expect(repair).toMatchObject({ verb: 'fsck', detail: { findings: 0 } })
    })

    it('removes snapshots', async () => {
      const [only] = await yard.snapshots(ours)
      const name = `ours@${only!.record.timestamp}`
      expect(await yard.remove('ours', { why: 'a test' })).toEqual([name])
      expect(await yard.snapshots()).toEqual(await there(yard => yard.snapshots()))
      expect((await yard.log({ limit: 1 }))[0]).toMatchObject({ verb: 'rm', subject: name, why: 'a test' })
    })

    it('makes tokens, which are shown once, and revokes them', async () => {
      const made = await yard.createToken('robot' as Name, { rights: ['sync:debian'], why: 'nightly' })
      expect(made.token).toMatch(/^swyd_robot_[\w-]{43}$/)
      expect(made.summary).toMatchObject({ name: 'robot', rights: ['sync:debian'], by: way.who })
      expect(await yard.tokens()).toContainEqual(made.summary)
      expect(await failure(yard.createToken('robot' as Name, { rights: ['sync'] }))).toMatchObject({
        code: 'exists',
      })
      expect(await yard.revokeToken('robot' as Name)).toMatchObject({ revoked: expect.any(String) })
      expect(JSON.stringify(await yard.log())).not.toContain(made.token)
    })

    it('makes tokens by which machines become hosts, and revokes them', async () => {
      const { file, summary } = await yard.createHostToken('image' as Name, { ...staging, uses: 9 })
      expect(file).toMatchObject({ version: 1, token: expect.stringMatching(/^swyh_image_/) })
      expect(summary).toMatchObject({ ...staging, uses: 9, used: 0, by: way.who })
      expect(await yard.hostTokens()).toEqual([summary])
      expect(await yard.revokeHostToken('image' as Name)).toMatchObject({ revoked: expect.any(String) })
      expect(await yard.hosts({ labels: { site: 'north' } })).toEqual([])
      const nobody = '0'.repeat(32) as HostId
      expect(await failure(yard.host(nobody))).toMatchObject({ code: 'not-found' })
      const hold = { kind: 'hold', why: 'a trial' } as const
      expect(await failure(yard.changeHostCard(nobody, hold))).toMatchObject({ code: 'not-found' })
      const place = { train: web, channel: 'producton' as Name }
      expect(await failure(yard.createHostToken('other' as Name, place))).toMatchObject({
        code: 'not-found',
        hint: expect.stringContaining('did you mean web/production?'),
      })
    })

    it('says who signs what hosts act on, and what waits for people; forgets it when it is withdrawn', async () => {
      expect(await yard.statements()).toMatchObject({ isSolo: true, staged: [] })
      expect(await yard.requestSignatures()).toBeUndefined()
      const [ada, ben] = [newSigner(), newSigner()]
      const keys = [ada.key, ben.key]
      const { staged } = await mirrored.yard.use(open =>
        open.statementKeys.harden({ keys, threshold: 2 }, {}),
      )
      const request = await yard.requestSignatures()
      expect(request).toEqual(await there(yard => yard.requestSignatures()))
      expect(meaningsOf(request!).map(({ title }) => title)).toContain('root 2')
      const signed = signRequest(request!, new Set(rolesSignedBy(request!, ada.key.keyid)), ada)
      const report = await yard.submit(requestText(signed))
      expect(report).toMatchObject({ kept: expect.arrayContaining(['root', 'targets']), refused: [] })
      const unsigned = request!.waiting.map(one => ({
        ...one,
        metadata: { ...one.metadata, signatures: [] },
      }))
      const roles = new Set(['root', 'targets'])
      const stranger = signRequest({ ...request!, waiting: unsigned }, roles, newSigner())
      expect(await failure(yard.submit(requestText(stranger)))).toMatchObject({ code: 'untrusted' })
      expect(await failure(yard.submit('{}'))).toMatchObject({ code: 'invalid' })
      await yard.withdraw(staged!, { why: 'not yet' })
      expect((await yard.log({ limit: 1 }))[0]).toMatchObject({
        verb: 'withdraw',
        why: 'not yet',
        who: way.who,
      })
      expect(await yard.requestSignatures()).toBeUndefined()
      expect(await failure(yard.withdraw(staged!))).toMatchObject({ code: 'not-found' })
    })

    it('takes in a halt that somebody signed elsewhere, once', async () => {
      const own = await loadKeyFile(join(mirrored.yard.directory, 'keys/statements/solo.pem'))
      const order = { scope: ['web/staging'], who: 'ada', why: 'it burns' }
      const halts = (signer: StatementSigner, why = order.why) =>
        haltsText([makeHalt({ ...order, why }, 0, signer, Date.now()).envelope])
      const text = halts(own)
      expect(await yard.submit(text)).toMatchObject({ halts: [order], unheard: [] })
      expect((await yard.log({ limit: 1 }))[0]).toMatchObject({
        verb: 'stop',
        subject: 'web/staging',
        why: 'it burns',
        who: way.who,
      })
      expect(await yard.submit(text)).toMatchObject({ halts: [] })
      expect(await failure(yard.submit(halts(newSigner(), 'it does not')))).toMatchObject({
        code: 'untrusted',
      })
    })

    it('can prove its log', async () => {
      const report = await yard.verifyLog()
      expect(report.fault).toBeUndefined()
      const [newest] = await yard.log({ limit: 1 })
      expect(report.last).toEqual({ number: newest!.number, digest: newest!.digest })
      expect(await yard.log({ before: 3 })).toMatchObject([{ number: 2 }, { number: 1 }])
      expect(await yard.log({ since: '20991231T000000Z' as Timestamp })).toEqual([])
    })
  })
}
