import { describe, expect, it } from 'vitest'
import { drawRooms } from './drawing.ts'
import { roomFaults } from './faults.ts'
import { readSource } from './source.ts'

const rooms = [
  { name: 'model', io: false, concern: 'words' },
  { name: 'tree', io: false, concern: 'trees' },
  { name: 'store', io: true, concern: 'blobs' },
  { name: 'cli', io: true, concern: 'commands' },
]

function sourcesOf(files: Record<string, string>) {
  return new Map(Object.entries(files).map(([file, text]) => [file, readSource(file, text)]))
}

function faults(files: Record<string, string>): string[] {
  return roomFaults(rooms, sourcesOf(files))
}

describe('the order of the rooms', () => {
  it('lets a room import an earlier one through its door, and its own files', () => {
    expect(
      faults({
        'src/tree/page.ts': `import { a } from '../model/index.ts'\nimport { b } from './deep/b.ts'`,
        'src/tree/deep/b.ts': `export * from '../page.ts'`,
        'src/rooms.ts': `import x from './tree/page.ts'`,
      }),
    ).toEqual([])
  })

  it('finds an import of a later room, of any kind', () => {
    expect(
      faults({
        'src/model/a.ts': `import type { X } from '../tree/index.ts'\nexport * from '../tree/index.ts'`,
        'src/model/b.ts': `\nconst x = await import('../tree/index.ts')\nlet y: import('../tree/index.ts').X`,
      }),
    ).toEqual([
      'src/model/a.ts:1: model imports tree, which stands after it in src/rooms.ts',
      'src/model/a.ts:2: model imports tree, which stands after it in src/rooms.ts',
      'src/model/b.ts:2: model imports tree, which stands after it in src/rooms.ts',
      'src/model/b.ts:3: model imports tree, which stands after it in src/rooms.ts',
    ])
  })

  it('finds a way past a door, also by a URL', () => {
    expect(
      faults({
        'src/tree/a.ts': `import { x } from '../model/digest.ts'`,
        'src/cli/b.ts': `new Worker(new URL('../store/worker.ts', import.meta.url))`,
      }),
    ).toEqual([
      'src/cli/b.ts:1: cli imports src/store/worker.ts; the only door is src/store/index.ts',
      'src/tree/a.ts:1: tree imports src/model/digest.ts; the only door is src/model/index.ts',
    ])
  })

  it('finds the own door, the way out of the house and an unknown room', () => {
    expect(
      faults({
        'src/tree/a.ts': `import './index.ts'\nimport '../../test/x.ts'`,
        'src/utils/b.ts': '',
      }),
    ).toEqual([
      'src/tree/a.ts:1: tree imports its own index.ts',
      'src/tree/a.ts:2: tree imports test/x.ts, which stands in no room',
      'src/utils/b.ts:1: the room utils is not in src/rooms.ts',
    ])
  })

  it("lets tests use other rooms' fixtures, but not their inside", () => {
    expect(
      faults({
        'src/cli/a.test.ts': `import '../store/blobs.fixture.ts'\nimport '../store/blobs.ts'\nimport './index.ts'`,
        'src/cli/a.ts': `import '../store/blobs.fixture.ts'`,
      }),
    ).toEqual([
      'src/cli/a.test.ts:2: cli imports src/store/blobs.ts; the only door is src/store/index.ts',
      'src/cli/a.ts:1: cli imports src/store/blobs.fixture.ts; the only door is src/store/index.ts',
    ])
  })
})

describe('a pure door', () => {
  const pureFaults = (files: Record<string, string>) => roomFaults(rooms, sourcesOf(files), ['model'])

  it('is open to every later room, and what it reaches has no I/O though its room has', () => {
    expect(
      pureFaults({
        'src/store/pure.ts': `export * from './verify.ts'`,
        'src/store/verify.ts': `import { a } from '../model/index.ts'`,
        'src/store/write.ts': `import 'node:fs'`,
        'src/cli/a.ts': `import '../store/pure.ts'`,
      }),
    ).toEqual([])
    expect(
      pureFaults({
        'src/store/pure.ts': `export * from './verify.ts'`,
        'src/store/verify.ts': `import './read.ts'`,
        'src/store/read.ts': `import 'node:fs'\nimport '../tree/index.ts'`,
      }),
    ).toEqual([
      'src/store/read.ts:1: what stands behind src/store/pure.ts has no I/O of its own, but uses node:fs',
      'src/store/read.ts:2: store may import model and pure doors, not tree',
    ])
  })

  it('is the only way into rooms that a room does not name', () => {
    const narrow = rooms.map(room => (room.name === 'cli' ? { ...room, imports: ['model'] } : room))
    const files = {
      'src/cli/a.ts': `import '../model/index.ts'\nimport '../store/pure.ts'\nimport '../store/index.ts'`,
    }
    expect(roomFaults(narrow, sourcesOf(files), ['model'])).toEqual([
      'src/cli/a.ts:3: cli may import model and pure doors, not store',
    ])
  })
})

describe('a room without I/O', () => {
  const worldly = `import { readFile } from 'node:fs/promises'
import { randomBytes, hash } from 'node:crypto'
export const a = [Date.now(), new Date(), new Date(0), process.env.HOME, Math.random()]
`

  it('is handed clock, randomness, environment and files', () => {
    expect(faults({ 'src/tree/a.ts': worldly })).toEqual([
      'src/tree/a.ts:1: tree has no I/O of its own, but uses node:fs/promises',
      'src/tree/a.ts:2: tree has no I/O of its own, but uses randomBytes',
      'src/tree/a.ts:3: tree has no I/O of its own, but uses Date.now',
      'src/tree/a.ts:3: tree has no I/O of its own, but uses Math.random',
      'src/tree/a.ts:3: tree has no I/O of its own, but uses new Date()',
      'src/tree/a.ts:3: tree has no I/O of its own, but uses process.env',
    ])
  })

  it('may use them in tests, suites and fixtures; a room with I/O may always', () => {
    const files = ['src/tree/a.test.ts', 'src/tree/a.suite.ts', 'src/tree/a.fixture.ts', 'src/store/a.ts']
    expect(faults(Object.fromEntries(files.map(file => [file, worldly])))).toEqual([])
  })
})

describe('the drawing', () => {
  it('has every import in the table, and no arrow that follows from others', () => {
    const sources = sourcesOf({
      'src/tree/a.ts': `import '../model/index.ts'`,
      'src/store/a.ts': `import '../tree/index.ts'\nimport '../model/index.ts'`,
      'src/cli/a.test.ts': `import '../store/index.ts'`,
    })
    expect(drawRooms(rooms, sources)).toBe(`| room | what lives there | imports |
|---|---|---|
| \`model/\` | words | nothing |
| \`tree/\` | trees | model |
| \`store/\` * | blobs | model, tree |
| \`cli/\` * | commands | nothing |

\`\`\`mermaid
graph TD
  tree --> model
  store --> tree
\`\`\``)
  })
})
