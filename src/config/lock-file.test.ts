import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError, type Name, type Timestamp } from '../model/index.ts'
import type { LockedState } from './lock-file.ts'
import { readLockFile } from './read-lock-file.ts'
import { writeLockFile } from './write-lock-file.ts'
import { mirrorFile, read } from './written.fixture.ts'

const file = '/etc/yard/switchyard.lock.yaml'
const configuration = read(`${mirrorFile()}trains:
  web:
    repositories: [debian]
    channels: { staging: {}, production: { after: staging } }
  db:
    repositories: [debian]
    channels: { main: {} }
`)
const [files, packages] = ['0'.repeat(63).concat('a'), '1'.repeat(63).concat('b')]
const locked = `version: 1
channels:
  web/production: web@20261120T070000Z
  web/staging: web@20261121T070000Z
releases:
  web@20261120T070000Z:
    snapshots:
      debian: debian@20261120T064500Z
  web@20261121T070000Z:
    bump-of: web@20261120T070000Z
    why: the fix
    snapshots:
      debian: web.debian@20261121T064500Z
snapshots:
  debian@20261120T064500Z:
    files: ${files}
    packages: ${packages}
  web.debian@20261121T064500Z:
    files: ${packages}
    packages: ${files}
`
const state = readLockFile(file, locked, configuration)

/** What is said of a wrong file, without the file's name. */
function messageFor(text: string): string {
  try {
    readLockFile(file, text, configuration)
  } catch (error) {
    if (isYardError(error, 'configuration')) return error.message.replaceAll(`${file}:`, '')
    throw error
  }
  throw new Error('the file was accepted')
}

describe('readLockFile', () => {
  it('reads channels, releases and snapshots', () => {
    expect(state.channels.get('web/production')).toEqual({
      train: 'web',
      channel: 'production',
      release: '20261120T070000Z',
    })
    expect(state.releases.get('web@20261121T070000Z')).toEqual({
      train: 'web',
      timestamp: '20261121T070000Z',
      bumpOf: '20261120T070000Z',
      why: 'the fix',
      snapshots: new Map([['debian', { repository: 'web.debian', timestamp: '20261121T064500Z' }]]),
    })
    expect(state.snapshots.get('debian@20261120T064500Z')).toEqual({
      repository: 'debian',
      timestamp: '20261120T064500Z',
      files,
      packages,
    })
  })

  it.each([
    ['an unknown key', ['version: 1', 'version: 1\nchanels: {}'], '2:1: found the unknown key `chanels`'],
    [
      'a wrong type',
      ['web@20261120T070000Z\n', '[1]\n'],
      '3:19: channels.`web/production`: found a list, expected a release',
    ],
    [
      'a broken digest',
      [files, 'abc'],
      'found the text `abc`, expected a SHA-256 of 64 lower-case hexadecimal digits',
    ],
    [
      'no date',
      ['debian@20261120T064500Z\n', 'debian@latest\n'],
      'found the text `debian@latest`, expected a snapshot',
    ],
    ['another version', ['version: 1', 'version: 2'], '1:10: version: found the number `2`'],
    ['a channel twice', ['  web/staging', '  web/production'], 'found `web/production` a second time'],
    [
      'a channel that is not declared',
      ['web/staging', 'web/stagin'],
      '4:3: channels.`web/stagin`: found `web/stagin`, which /etc/yard/switchyard.yaml does not declare, expected a channel that it does; did you mean `web/staging`?',
    ],
    [
      'a release that is not described',
      ['production: web@20261120T070000Z', 'production: web@20261120T070001Z'],
      '3:19: channels.`web/production`: found `web@20261120T070001Z`, which is not under `releases`, expected one that is; did you mean `web@20261120T070000Z`?',
    ],
    [
      'a release of another train',
      ['production: web@', 'production: db@'],
      'found `db@20261120T070000Z`, expected a release of web',
    ],
    [
      'a bump of another train',
      ['bump-of: web@', 'bump-of: db@'],
      'found `db@20261120T070000Z`, expected a release of web',
    ],
    [
      'a snapshot that is not described',
      ['debian: debian@20261120T064500Z', 'debian: debian@20261120T064501Z'],
      '8:15: releases.`web@20261120T070000Z`.snapshots.debian: found `debian@20261120T064501Z`, which is not under `snapshots`, expected one that is; did you mean `debian@20261120T064500Z`?',
    ],
    [
      'a snapshot of another repository',
      ['debian: web.debian@', 'debian: security@'],
      'found `security@20261121T064500Z`, expected a snapshot of debian',
    ],
  ])('refuses %s, with its place', (_, [from, to], said) => {
    expect(messageFor(locked.replace(from!, to!))).toContain(said)
  })
})

describe('writeLockFile', () => {
  it('writes sorted tables under a head that says what the file is', () => {
    const text = writeLockFile(file, undefined, state)
    expect(text.replace(/^#.*\n|^\n/gm, '')).toBe(locked)
    expect(text).toMatch(/^# Which release every channel is on/)
    expect(readLockFile(file, text, configuration)).toEqual(state)
    expect(writeLockFile(file, text, state)).toBe(text)
  })

  it('changes one line where one channel moved', () => {
    const moved = new Map(state.channels).set('web/production', {
      ...state.channels.get('web/production')!,
      release: '20261121T070000Z' as Timestamp,
    })
    expect(writeLockFile(file, locked, { ...state, channels: moved })).toBe(
      locked.replace('production: web@20261120T070000Z', 'production: web@20261121T070000Z'),
    )
  })

  it('fills an empty file, and one of comments alone', () => {
    expect(readLockFile(file, writeLockFile(file, '', state), configuration)).toEqual(state)
    const text = writeLockFile(file, '# ours\n', state)
    expect(text).toMatch(/^# ours\n/)
    expect(readLockFile(file, text, configuration)).toEqual(state)
  })

  it('leaves what is no map as it is', () => {
    for (const text of ['- a\n', 'a: [\n'])
      expect(() => writeLockFile(file, text, state)).toThrow(/is no map in YAML; it was left as it is/)
  })

  it('keeps comments and the order of what stays, whatever changes', () => {
    fc.assert(
      fc.property(lockedState, lockedState, fc.infiniteStream(fc.nat(3)), (before, after, choices) => {
        const { text, comments } = commented(
          shuffled(writeLockFile(file, undefined, before), choices),
          choices,
        )
        expect(readLockFile(file, text, configuration)).toEqual(before)
        const written = writeLockFile(file, text, after)
        expect(readLockFile(file, written, configuration)).toEqual(after)
        for (const { comment, entry } of comments)
          if (isKept(entry, before, after)) expect(written).toContain(comment)
        const kept = orderOf(text).filter(entry => orderOf(written).includes(entry))
        expect(orderOf(written).filter(entry => kept.includes(entry))).toEqual(kept)
      }),
      { numRuns: 300 },
    )
  })
})

const timestamps = ['20261120T070000Z', '20261121T070000Z', '20261122T070000Z'] as Timestamp[]
const digest = fc.constantFrom(files, packages)
const lockedState: fc.Arbitrary<LockedState> = fc
  .record({
    channels: fc.dictionary(
      fc.constantFrom('web/production', 'web/staging', 'db/main'),
      fc.constantFrom(...timestamps),
      {
        noNullPrototype: true,
      },
    ),
    digests: fc.array(digest, { minLength: 2, maxLength: 2 }),
    why: fc.option(fc.string(), { nil: undefined }),
  })
  .map(({ channels, digests, why }) => stateOf(channels, digests, why))

function stateOf(
  channels: Record<string, Timestamp>,
  digests: string[],
  why: string | undefined,
): LockedState {
  const entries = Object.entries(channels).map(([key, release]) => {
    const [train, channel] = key.split('/') as [Name, Name]
    return [key, { train, channel, release }] as const
  })
  const releases = new Map(
    entries.map(([, { train, release }]) => [
      `${train}@${release}`,
      {
        train,
        timestamp: release,
        snapshots: new Map([['debian' as Name, { repository: 'debian' as Name, timestamp: release }]]),
        ...(why === undefined ? {} : { why }),
      },
    ]),
  )
  const [one, other] = digests as never[]
  const snapshots = new Map(
    entries.map(([, { release }]) => [
      `debian@${release}`,
      { repository: 'debian' as Name, timestamp: release, files: one!, packages: other! },
    ]),
  )
  return { channels: new Map(entries), releases, snapshots }
}

/** The lines that begin an entry of a table: two blanks, a name. */
const entryLine = /^ {2}(\S+?@\S+|\S+?\/\S+?):/

/** Entries of the tables, in their order. */
function orderOf(text: string): string[] {
  let table = ''
  return text.split('\n').flatMap(line => {
    table = /^(\w+):/.exec(line)?.[1] ?? table
    const entry = entryLine.exec(line)?.[1]
    return entry === undefined ? [] : [`${table} ${entry}`]
  })
}

/** The same file with the channels in another order. */
function shuffled(text: string, choices: fc.Stream<number>): string {
  const lines = text.split('\n')
  const begin = lines.findIndex(line => entryLine.test(line) && line.includes('/'))
  if (begin === -1) return text
  const end = lines.findIndex((line, i) => i > begin && !line.startsWith('  '))
  const [first = 0] = choices.take(1)
  const part = lines.slice(begin, end)
  const turned = [...part.slice(first % part.length), ...part.slice(0, first % part.length)]
  return [...lines.slice(0, begin), ...turned, ...lines.slice(end)].join('\n')
}

/** Comments before and behind entries, each with the entry that it belongs to. */
function commented(
  text: string,
  choices: fc.Stream<number>,
): { text: string; comments: { comment: string; entry: string }[] } {
  const comments: { comment: string; entry: string }[] = []
  const picks = [...choices.take(200)]
  let table = ''
  const lines = text.split('\n').flatMap((line, i) => {
    table = /^(\w+):/.exec(line)?.[1] ?? table
    const name = entryLine.exec(line)?.[1]
    if (name === undefined) return [line]
    const entry = `${table} ${name}`
    const choice = picks[i % picks.length]
    const comment = `# remark ${i}`
    if (choice === 0) return [line]
    comments.push({ comment, entry })
    return choice === 1 || line.endsWith(':') ? [`  ${comment}`, line] : [`${line} ${comment}`]
  })
  return { text: lines.join('\n'), comments }
}

function isKept(entry: string, before: LockedState, after: LockedState): boolean {
  const [table, name] = entry.split(' ') as [keyof LockedState, string]
  return before[table].has(name) && after[table].has(name)
}
