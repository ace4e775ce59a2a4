import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../model/index.ts'
import { play } from './child.fixture.ts'
import { wanted, wantedDigest } from './crash.fixture.ts'
import { type FsStore, openFsStore } from './store.ts'

let directory: string
let store: FsStore
const at = (...names: string[]): string => join(directory, ...names)
const modeOf = (path: string): number => statSync(path).mode & 0o777

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'layout-'))
  store = openFsStore(directory)
})
afterEach(() => {
  store.close()
  rmSync(directory, { recursive: true })
})

describe('a store in a directory', () => {
  it('makes nothing until something is written', async () => {
    expect(await store.refs.list('')).toEqual([])
    expect(await store.sweep(0)).toEqual({ files: 0, bytes: 0 })
    for await (const blob of store.blobs.list()) expect(blob).toBeUndefined()
    expect(await store.blobs.size(wantedDigest)).toBeUndefined()
    expect(readdirSync(directory)).toEqual([])
  })

  it('keeps a blob as a read-only file that sha256sum can check', async () => {
    const digest = await store.blobs.put(wanted)
    const file = at('blobs', digest.slice(0, 2), digest.slice(2))
    expect(store.blobs.locate!(digest)).toEqual({ file })
    expect(modeOf(file)).toBe(0o444)
    expect(execFileSync('sha256sum', [file], { encoding: 'utf8' })).toBe(`${digest}  ${file}\n`)
  })

  it('keeps a page as zstd of the bytes that its name is the digest of', async () => {
    const bytes = Buffer.from('a page')
    const digest = digestOf(bytes)
    await store.pages.write([{ digest, bytes }])
    const file = at('pages', digest.slice(0, 2), `${digest.slice(2)}.zst`)
    expect(zstdDecompressSync(readFileSync(file)).equals(bytes)).toBe(true)
    expect(modeOf(file)).toBe(0o444)
  })

  it('keeps what is unfinished from other users', async () => {
    const writer = (await store.blobs.resume(wantedDigest, wanted.length))!
    await writer.write(wanted)
    await store.refs.write('a/ref', 'text')
    for (const name of ['partial', 'locks', 'tmp']) expect(modeOf(at(name))).toBe(0o700)
    expect(modeOf(at('partial', wantedDigest))).toBe(0o600)
    await writer.commit()
    expect(modeOf(at('blobs', wantedDigest.slice(0, 2), wantedDigest.slice(2)))).toBe(0o444)
    expect(readFileSync(at('refs/a/ref'), 'utf8')).toBe('text')
  })

  it('ignores files that are not its own', async () => {
    const digest = await store.blobs.put(Buffer.from('ours'))
    for (const name of ['README', `${digest.slice(2)}.bak`, 'f'.repeat(61)])
      writeFileSync(at('blobs', digest.slice(0, 2), name), '')
    writeFileSync(at('blobs', 'index.html'), '')
    const listed = []
    for await (const blob of store.blobs.list()) listed.push(blob.digest)
    expect(listed).toEqual([digest])
  })

  it('counts a blob or page as written again when it is asked to keep what it has', async () => {
    const bytes = Buffer.from('old')
    const digest = await store.blobs.put(bytes)
    await store.pages.write([{ digest, bytes }])
    const files = [at('blobs', digest.slice(0, 2), digest.slice(2))]
    files.push(at('pages', digest.slice(0, 2), `${digest.slice(2)}.zst`))
    const again = [
      () => store.blobs.put(bytes),
      () => store.blobs.resume(digest, 3),
      () => store.blobs.adopt('/nonexistent', digest),
    ]
    for (const ask of again) {
      utimesSync(files[0]!, 1000, 1000)
      await ask()
      expect(statSync(files[0]!).mtimeMs).toBeGreaterThan(Date.now() - 10_000)
    }
    utimesSync(files[1]!, 1000, 1000)
    await store.pages.write([{ digest, bytes }])
    expect(statSync(files[1]!).mtimeMs).toBeGreaterThan(Date.now() - 10_000)
  })

  it('says that a ref is damaged', async () => {
    await store.refs.write('a', 'x')
    writeFileSync(at('refs/a'), Buffer.from([0xff, 0xfe]))
    await expect(store.refs.read('a')).rejects.toMatchObject({ code: 'damaged' })
    writeFileSync(at('refs/a'), Buffer.alloc(16 * 1024 * 1024 + 1))
    await expect(store.refs.read('a')).rejects.toMatchObject({ code: 'damaged' })
  })

  it('says that a page is damaged: no zstd, cut short, or a bomb', async () => {
    const bytes = Buffer.from('a page'.repeat(1000))
    const digest = digestOf(bytes)
    await store.pages.write([{ digest, bytes }])
    const file = at('pages', digest.slice(0, 2), `${digest.slice(2)}.zst`)
    const good = readFileSync(file)
    const bomb = execFileSync('sh', ['-c', 'head -c 64M /dev/zero | zstd -c'], { encoding: 'buffer' })
    for (const bad of [Buffer.alloc(0), Buffer.from('no zstd'), good.subarray(0, -3), bomb]) {
      rmSync(file)
      writeFileSync(file, bad)
      await expect(store.pages.read(digest)).rejects.toMatchObject({ code: 'damaged' })
    }
  })

  it('survives the removal of its directories while it is open', async () => {
    await store.blobs.put(wanted)
    await store.refs.write('a/b', '1')
    rmSync(at('blobs'), { recursive: true })
    rmSync(at('refs'), { recursive: true })
    await store.blobs.put(wanted)
    await store.refs.write('a/b', '2')
    expect(await store.refs.read('a/b')).toBe('2')
    expect(await store.blobs.size(wantedDigest)).toBe(wanted.length)
  })
})

describe('sweeping', () => {
  it('removes leftovers that are old enough, and nothing that is in use', async () => {
    await store.blobs.put(wanted.subarray(1))
    const hour = 3_600_000
    const old = Date.now() / 1000 - 7200
    const inUse = (await store.blobs.resume(wantedDigest, wanted.length))!
    await inUse.write(wanted.subarray(0, 200_000))
    const left = digestOf(Buffer.from('left'))
    const young = digestOf(Buffer.from('young'))
    for (const digest of [left, young]) {
      const writer = (await store.blobs.resume(digest, 1000))!
      await writer.write(Buffer.alloc(10))
      await writer.keep()
    }
    writeFileSync(at('tmp/old'), 'old')
    writeFileSync(at('tmp/young'), 'young')
    for (const name of ['tmp/old', `partial/${left}`, `partial/${wantedDigest}`])
      utimesSync(at(name), old, old)
    expect(await store.sweep(hour)).toEqual({ files: 2, bytes: 13 })
    expect(readdirSync(at('tmp'))).toEqual(['young'])
    expect(readdirSync(at('partial')).sort()).toEqual([wantedDigest, `${wantedDigest}.lock`, young].sort())
    await inUse.write(wanted.subarray(200_000))
    await inUse.commit()
  })

  it('forgets the writers of dead processes', async () => {
    const child = play('writeHalf', directory)
    await child.line()
    await child.kill()
    expect(readdirSync(at('partial')).sort()).toEqual([wantedDigest, `${wantedDigest}.lock`])
    expect((await store.sweep(-1000)).files).toBe(1)
    expect(readdirSync(at('partial'))).toEqual([])
    store.close()
    expect(readdirSync(at('locks'))).toEqual([])
    expect(existsSync(at('blobs'))).toBe(false)
  })
})
