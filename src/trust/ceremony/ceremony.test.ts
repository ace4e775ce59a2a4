import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, digestOf, YardError } from '../../model/index.ts'
import type { Metadata, RootSigned, TargetsSigned } from '../departures/metadata.ts'
import { sealEnvelope } from '../statements/envelope.ts'
import { checkContext } from './check-context.ts'
import {
  channelMetadata,
  channelRole,
  departuresOf,
  moveRequest,
  person,
  rootOf,
  signedByAll,
  targetsOf,
  trustOfPeople,
} from './request.fixture.ts'
import { parseRequest, requestText, type SigningRequest, signRequest } from './request.ts'
import { rolesSignedBy, type Signatures, signaturesOf } from './who-signs.ts'
import { meaningsOf } from './words.ts'

const ada = person('ada')
const ben = person('ben')
const eve = person('eve')
const solo = person('solo')
const machine = person('online')
const people = trustOfPeople(2, ada, ben, eve)
const online = trustOfPeople(1, machine)
const short = (one: { key: { keyid: string } }) => one.key.keyid.slice(0, 16)
const lines = (request: SigningRequest, at = 0) =>
  Object.fromEntries(meaningsOf(request)[at]!.says.map(({ what, now, before }) => [what, [now, before]]))

describe('a request says', () => {
  it('where a channel goes from and to, its floor and its fall-backs', () => {
    const request = moveRequest(people, online)
    expect(meaningsOf(request)).toMatchObject([
      { title: 'web/production', version: 8, expires: '2027-02-19T07:00:00Z' },
    ])
    expect(lines(request)).toEqual({
      release: [
        `web@20261122T070000Z ${digestOf(Buffer.from('20261122T070000Z'))}`,
        `web@20261121T070000Z ${digestOf(Buffer.from('20261121T070000Z'))}`,
      ],
      floor: ['web@20261121T070000Z', 'web@20261101T070000Z'],
      'fall-backs': ['none', 'none'],
      halts: ['none is lifted', 'none is lifted'],
    })
  })

  it('which halts end, with their reasons, and only those', () => {
    const halt = (number: number, scope: string[]) =>
      sealEnvelope(
        'halt',
        { version: 1, number, scope, who: 'ada', why: `reason ${number}`, at: '20261121T064500Z' },
        [ada],
      )
    const now = channelMetadata(8, departuresOf('20261122T070000Z', { lifted: 20 }))
    const before = channelMetadata(7, departuresOf('20261122T070000Z', { lifted: 10 }))
    const request: SigningRequest = {
      ...moveRequest(people, online),
      waiting: [
        {
          change: 1,
          needs: [people],
          role: channelRole,
          metadata: now.metadata,
          before: before.metadata,
        },
      ],
      texts: { ...now.texts, ...before.texts },
      halts: [halt(9, []), halt(15, ['web']), halt(16, ['db']), halt(21, [])],
    }
    expect(meaningsOf(request)[0]!.says.filter(({ what }) => what === 'lifts halt')).toEqual([
      { what: 'lifts halt', now: '15 of ada, 20261121T064500Z: reason 15' },
    ])
  })

  it('who comes and who goes when root is replaced', () => {
    const request: SigningRequest = {
      ...moveRequest(people, online),
      root: rootOf(1, trustOfPeople(1, solo), trustOfPeople(1, solo)),
      waiting: [
        { change: 1, needs: [people], role: 'root', metadata: rootOf(2, people, online) },
        { change: 1, needs: [people], role: 'targets', metadata: targetsOf(4, people) },
      ],
      targets: targetsOf(3, trustOfPeople(1, solo)),
    }
    const all = `2 of ada ${short(ada)}, ben ${short(ben)}, eve ${short(eve)}`
    const alone = `1 of solo ${short(solo)}`
    expect(lines(request)).toEqual({
      root: [all, alone],
      targets: [all, alone],
      snapshot: [`1 of online ${short(machine)}`, alone],
      timestamp: [`1 of online ${short(machine)}`, alone],
      halts: [all.replace('2', '1'), alone],
    })
    expect(lines(request, 1)).toEqual({ 'channel web/production': [all, alone] })
  })
})

describe('what a request says is in force', () => {
  const other = trustOfPeople(1, person('mallory'))
  const request = moveRequest(people, online)
  const first = signedByAll(rootOf(1, trustOfPeople(1, solo), online), trustOfPeople(1, solo))
  const second = signedByAll(rootOf(2, people, online), trustOfPeople(1, solo, ada, ben))
  const grown: SigningRequest = { ...request, roots: [first], root: second }

  it('is proved from root to the statement that is replaced', () => {
    expect(() => checkContext(request, undefined)).not.toThrow()
    expect(() => checkContext(request, request.root)).not.toThrow()
    expect(() => checkContext(grown, first)).not.toThrow()
    expect(() => checkContext({ ...grown, targets: undefined as never, waiting: [] }, second)).not.toThrow()
  })

  const stranger = signedByAll(rootOf(1, other, other), other)
  const waitingWith = (before: object) => [{ ...request.waiting[0]!, before: before as never }]
  it.each<[string, SigningRequest, Metadata<RootSigned> | undefined, RegExp]>([
    [
      'is all made up, with keys of theirs called as ours',
      { ...request, root: stranger, targets: signedByAll(targetsOf(3, other), other), waiting: [] },
      request.root,
      /does not follow from the one that you trust/,
    ],
    ['begins with another root', { ...grown, roots: [stranger] }, undefined, /root 2 is not signed by/],
    [
      'leaves a root out',
      { ...grown, root: signedByAll(rootOf(3, people, online), people) },
      first,
      /root 3 is not/,
    ],
    [
      'has a root that nobody signed',
      { ...request, root: rootOf(1, people, online) },
      undefined,
      /root 1 is not/,
    ],
    [
      'has a root of too few',
      { ...request, root: signedByAll(rootOf(1, people, online), trustOfPeople(1, ada)) },
      undefined,
      /root 1 is not/,
    ],
    [
      'names other people for channels',
      { ...request, targets: signedByAll(targetsOf(3, other), other) },
      undefined,
      /not signed as root says/,
    ],
    [
      'has a statement of strangers',
      {
        ...request,
        waiting: waitingWith(
          signedByAll(channelMetadata(7, departuresOf('20261120T070000Z')).metadata, other),
        ),
      },
      undefined,
      /those who sign for it/,
    ],
  ])('is refused when it %s', (_, changed, trusted, message) => {
    expect(() => checkContext(changed, trusted)).toThrow(message)
  })
})

it('a request for another root says which halts end with it', () => {
  const halt = sealEnvelope(
    'halt',
    { version: 1, number: 9, scope: [], who: 'solo', why: 'it burns', at: '20261121T064500Z' },
    [solo],
  )
  const kept = sealEnvelope(
    'halt',
    { version: 1, number: 8, scope: [], who: 'ada', why: 'smoke', at: '20261121T064400Z' },
    [ada],
  )
  const both = trustOfPeople(1, solo, ada)
  const request: SigningRequest = {
    ...moveRequest(people, online),
    root: rootOf(1, both, online),
    waiting: [{ change: 1, needs: [people], role: 'root', metadata: rootOf(2, people, online) }],
    halts: [halt, kept],
  }
  expect(meaningsOf(request)[0]!.says.at(-1)).toEqual({
    what: 'ENDS halt',
    now: '9 of solo, 20261121T064500Z: it burns',
  })
  expect(meaningsOf(request)[0]!.says.filter(({ what }) => what === 'ENDS halt')).toHaveLength(1)
})

describe('nobody is asked to sign', () => {
  const request = moveRequest(people, online)
  const signedWith = (more: object) => {
    const [one] = request.waiting
    return [{ ...one!, metadata: { ...one!.metadata, signed: { ...one!.metadata.signed, ...more } } }]
  }
  const stating = (statement: object, path?: string) => {
    const { metadata, texts } = channelMetadata(8, statement, path)
    return { waiting: [{ change: 1, needs: [people], role: channelRole, metadata }], texts }
  }

  it.each([
    ['a field that has no words', { waiting: signedWith({ extra: 1 }) }, /more than can be shown/],
    [
      'letters that look like others',
      { waiting: signedWith({ expires: '2027\u202e' }) },
      /more than can be shown/,
    ],
    ['a version that is not higher', { waiting: signedWith({ version: 7 }) }, /does not follow/],
    ['a statement that is not there', { texts: {} }, /not in the request/],
    [
      'more files than one',
      {
        waiting: signedWith({
          targets: {
            a: { length: 1, hashes: { sha256: 'a' } },
            ...(request.waiting[0]!.metadata.signed as TargetsSigned).targets,
          },
        }),
      },
      /other files/,
    ],
    [
      'a statement with more in it',
      stating({ ...departuresOf('20261122T070000Z'), force: true }),
      /more than can be shown/,
    ],
    [
      'the statement of another channel',
      stating({ ...departuresOf('20261122T070000Z'), channel: 'staging' }),
      /speaks of web\/staging/,
    ],
    [
      'the path of another channel',
      stating(departuresOf('20261122T070000Z'), 'channels/web/staging.json'),
      /other files/,
    ],
    [
      'what machines sign',
      {
        waiting: [{ change: 1, needs: [people], role: 'timestamp', metadata: request.waiting[0]!.metadata }],
      },
      /people do not sign/,
    ],
    [
      'a root that leaves one out',
      { waiting: [{ change: 1, needs: [people], role: 'root', metadata: rootOf(3, people, online) }] },
      /right after 1/,
    ],
    [
      'a root with another field',
      {
        waiting: [
          {
            role: 'root',
            metadata: { signatures: [], signed: { ...rootOf(2, people, online).signed, more: 1 } },
          },
        ],
      },
      /more than can be shown/,
    ],
    [
      "a role that would own another's paths",
      {
        waiting: [
          {
            role: 'targets',
            metadata: JSON.parse(
              JSON.stringify(targetsOf(4, people)).replace('channels/web/production.json', 'channels/web/*'),
            ),
          },
        ],
      },
      /would sign for/,
    ],
  ])('for %s', (_, changed, message) => {
    expect(() => meaningsOf({ ...request, ...(changed as Partial<SigningRequest>) })).toThrow(message)
  })
})

describe('signatures', () => {
  const isComplete = ({ asked }: Signatures) => asked.every(({ threshold, have }) => have.length >= threshold)

  it('are counted once a key, and only of those who may', () => {
    const request = moveRequest(people, online)
    const once = signRequest(request, new Set([channelRole]), ada)
    const state = (of: SigningRequest) =>
      signaturesOf(of).map(one => [isComplete(one), one.asked[0]!.have.map(({ owner }) => owner)])
    expect(state(request)).toEqual([[false, []]])
    expect(state(signRequest(once, new Set([channelRole]), ada))).toEqual([[false, ['ada']]])
    expect(state(signRequest(once, new Set([channelRole]), machine))).toEqual([[false, ['ada']]])
    expect(state(signRequest(once, new Set([channelRole]), ben))).toEqual([[true, ['ada', 'ben']]])
  })

  it('on a new root are asked of the old keys and of the new ones', () => {
    const old = trustOfPeople(1, solo)
    const metadata = rootOf(2, people, online)
    const request = {
      ...moveRequest(people, online),
      root: rootOf(1, old, online),
      waiting: [{ change: 1, role: 'root', metadata, needs: [old, people] }],
    }
    const signed = signRequest(request, new Set(['root']), solo)
    expect(isComplete(signaturesOf(signed)[0]!)).toBe(false)
    expect([solo, ada, machine].map(({ key }) => rolesSignedBy(request, key.keyid))).toEqual([
      ['root'],
      ['root'],
      [],
    ])
  })
})

type Tree = { [key: string | number]: unknown }

it('a request with anything in it is shown or refused, never a defect', () => {
  const root = rootOf(2, people, online)
  const request: SigningRequest = {
    ...moveRequest(people, online, [ada]),
    halts: [sealEnvelope('halt', { version: 1, number: 9 }, [ada])],
  }
  request.waiting.push(
    { change: 1, role: 'root', metadata: root, needs: [people] },
    { change: 1, role: 'targets', metadata: targetsOf(4, people), needs: [people] },
  )
  const places: (string | number)[][] = []
  const walk = (value: unknown, path: (string | number)[]) => {
    if (path.length > 0) places.push(path)
    if (typeof value === 'object' && value !== null)
      for (const [key, child] of Object.entries(value)) walk(child, [...path, key])
  }
  walk(request, [])
  const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined))
  fc.assert(
    fc.property(fc.constantFrom(...places), junk, (path, value) => {
      const changed = structuredClone(request)
      const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as Tree)[key], changed) as Tree
      parent[path.at(-1)!] = value
      try {
        const parsed = parseRequest(JSON.stringify(changed), 'request.json')
        checkContext(parsed, request.root)
        meaningsOf(parsed)
        signaturesOf(parsed)
      } catch (error) {
        expect(error).toBeInstanceOf(YardError)
      }
    }),
    { numRuns: 300 },
  )
})

describe('the file of a request', () => {
  const request = moveRequest(people, online)

  it('comes back as it went', () => {
    expect(parseRequest(requestText(request), 'request.json')).toEqual(request)
  })

  it.each([
    '',
    '[]',
    'null',
    '{}',
    canonicalJson({ ...JSON.parse(requestText(request)), version: 2 }),
    canonicalJson({ ...JSON.parse(requestText(request)), waiting: [null] }),
    requestText(request).replaceAll(ada.key.public, ben.key.public),
    canonicalJson({ ...JSON.parse(requestText(request)), root: {} }),
    canonicalJson({ ...JSON.parse(requestText(request)), texts: { [digestOf(Buffer.from('a'))]: 'b' } }),
  ])('is not %#', text => {
    expect(() => parseRequest(text, 'request.json')).toThrow(/no request for signatures/)
  })
})
