import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../model/index.ts'
import { type Child, play } from './child.fixture.ts'
import { wanted, wantedChunkBytes, wantedDigest } from './crash.fixture.ts'
import { type FsStore, openFsStore } from './store.ts'

let directory: string
let store: FsStore
let children: Child[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crash-'))
  store = openFsStore(directory)
  children = []
})
afterEach(async () => {
  await Promise.all(children.map(child => child.kill()))
  store.close()
  await rm(directory, { recursive: true })
})

function start(part: string): Child {
  const child = play(part, directory)
  children.push(child)
  return child
}

describe('processes killed with -9', () => {
  it('leave nothing but whole blobs, pages and refs, and leftovers that can be swept', async () => {
    for (let wave = 0; wave < 8; wave++) {
      const writers = Array.from({ length: 4 }, () => start('writeForEver'))
      await Promise.all(
        writers.map(async writer => {
          expect(await writer.line()).toBe('begun')
          await setTimeout(Math.random() * 60)
          await writer.kill()
        }),
      )
      await expectWholeRefs()
    }
    let blobs = 0
    for await (const { digest, size } of store.blobs.list()) {
      expect(digestOf(await store.blobs.read(digest, size))).toBe(digest)
      blobs++
    }
    let pages = 0
    for await (const { digest } of store.pages.list()) {
      expect(digestOf(await store.pages.read(digest))).toBe(digest)
      pages++
    }
    expect(blobs).toBeGreaterThanOrEqual(32)
    expect(pages).toBeGreaterThanOrEqual(32 * 5)
    await store.sweep(-1000)
    expect(await readdir(join(directory, 'tmp'))).toEqual([])
    expect(await readdir(join(directory, 'partial'))).toEqual([])
  })

  it('leave a partial blob that the next process goes on with', async () => {
    const first = start('writeHalf')
    expect(await first.line()).toBe('half')
    await first.kill()
    const writer = (await store.blobs.resume(wantedDigest, wanted.length))!
    expect(writer.offset).toBe(wanted.length / 2)
    await writer.write(wanted.subarray(writer.offset))
    await writer.commit()
    expect((await store.blobs.read(wantedDigest, wanted.length)).equals(wanted)).toBe(true)
  })

  it('let go of their locks', async () => {
    const holder = start('holdLock')
    expect(await holder.line()).toBe('held')
    expect(await store.locks.acquire('debian')).toBeUndefined()
    expect(await store.locks.holder('debian')).toMatchObject({ pid: holder.pid })
    const waiting = store.locks.acquire('debian', 20_000)
    await holder.kill()
    const lock = await waiting
    expect(lock).toBeDefined()
    expect(await store.locks.holder('debian')).toMatchObject({ pid: process.pid })
    lock!.release()
  })
})

describe('several processes that want one blob', () => {
  it('fetch it once', async () => {
    const said = await Promise.all(Array.from({ length: 4 }, async () => everyLine(start('fetchOnce'))))
    expect(said.sort()).toEqual([['from 0', 'fetched'], ['here'], ['here'], ['here']])
  })

  it('go on after one that was killed, one of them, where it stopped', async () => {
    const first = start('writeHalf')
    expect(await first.line()).toBe('half')
    const others = Array.from({ length: 3 }, () => start('fetchOnce'))
    const said = Promise.all(others.map(everyLine))
    await setTimeout(200)
    await first.kill()
    expect((await said).sort()).toEqual([[`from ${wanted.length / 2}`, 'fetched'], ['here'], ['here']])
    expect(wanted.length % wantedChunkBytes).toBe(0)
  })

  it('are never two at its partial bytes, whoever is killed at whatever moment', async () => {
    const contenders = Array.from({ length: 5 }, () => start('contend'))
    const killed = contenders.slice(0, 3)
    await Promise.all(
      killed.map(async contender => {
        await contender.line()
        await setTimeout(Math.random() * 40)
        await contender.kill()
      }),
    )
    const statuses = await Promise.all(contenders.slice(3).map(contender => contender.ended))
    expect(statuses).toEqual([0, 0])
    const log = (await readFile(join(directory, 'log'), 'latin1')).trimEnd().split('\n')
    expect(overlaps(log, new Set(killed.map(({ pid }) => `${pid}`)))).toEqual([])
    expect(log.length).toBeGreaterThanOrEqual(2 * 15 * 2)
  })
})

/** Entries made while another process was inside that still lived: one that was killed says nothing any more. */
function overlaps(log: string[], killed: Set<string>): string[] {
  const found: string[] = []
  let inside: string | undefined
  for (const [index, line] of log.entries()) {
    const [pid, word] = line.split(' ')
    const isOver = inside === undefined || (killed.has(inside) && !saysMore(log.slice(index), inside))
    if (word === 'enters' && !isOver) found.push(`${line} while ${inside} was inside`)
    inside = word === 'enters' ? pid : undefined
  }
  return found
}

function saysMore(log: string[], pid: string): boolean {
  return log.some(line => line.startsWith(`${pid} `))
}

async function everyLine(child: Child): Promise<string[]> {
  const lines: string[] = []
  for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line)
  expect(await child.ended).toBe(0)
  return lines
}

async function expectWholeRefs(): Promise<void> {
  for (const group of await store.refs.list(''))
    for (const name of await store.refs.list(group)) {
      const { body, digest } = JSON.parse((await store.refs.read(`${group}/${name}`))!)
      expect(digestOf(Buffer.from(body))).toBe(digest)
    }
}
