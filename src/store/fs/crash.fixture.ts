/**
 * A process for tests to kill: `node crash.fixture.ts PLAY DIRECTORY`. It says what it does, one word or number a line.
 */
import { appendFileSync, linkSync, unlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type Digest, digestOf } from '../../model/index.ts'
import { tryKernelLock } from './kernel-lock.ts'
import { type FsStore, openFsStore } from './store.ts'

/** The blob that several processes want at once. */
export const wanted = Buffer.alloc(3_000_000, 'the same bytes for everybody, ')
export const wantedDigest: Digest = digestOf(wanted)
export const wantedChunkBytes = 150_000

/** A ref that shows whether it is whole. */
export function sealedText(body: string): string {
  return JSON.stringify({ body, digest: digestOf(Buffer.from(body)) })
}

const plays: { [name: string]: (store: FsStore, directory: string) => Promise<void> } = {
  async writeForEver(store) {
    for (let turn = 0; ; turn++) {
      const own = `${process.pid}-${turn}`
      await Promise.all([
        store.blobs.put(Buffer.from(own.repeat(turn % 5000))),
        writeBlob(store, Buffer.alloc(300_000 + turn, own)),
        store.pages.write(Array.from({ length: 5 }, (_, index) => pageOf(`${own}-${index}`))),
        store.refs.write(`shared/ref${turn % 3}`, sealedText(own.repeat(turn % 2000))),
        store.refs.create(`own/${own}`, sealedText(own)),
        turn > 2 && store.refs.remove(`own/${process.pid}-${turn - 3}`),
      ])
      if (turn === 0) say('begun')
    }
  },

  async writeHalf(store) {
    const writer = (await store.blobs.resume(wantedDigest, wanted.length))!
    for (let at = 0; at < wanted.length / 2; at += wantedChunkBytes)
      await writer.write(wanted.subarray(at, at + wantedChunkBytes))
    say('half')
    await setTimeout(60_000)
  },

  async fetchOnce(store) {
    const writer = await store.blobs.resume(wantedDigest, wanted.length)
    if (writer === undefined) return say('here')
    say(`from ${writer.offset}`)
    for (let at = writer.offset; at < wanted.length; at += wantedChunkBytes) {
      await writer.write(wanted.subarray(at, at + wantedChunkBytes))
      await setTimeout(2)
    }
    await writer.commit()
    say('fetched')
  },

  async contend(store, directory) {
    const log = (word: string): void => appendFileSync(`${directory}/log`, `${process.pid} ${word}\n`)
    for (let turn = 0; turn < 15; turn++) {
      const writer = (await store.blobs.resume(wantedDigest, wanted.length))!
      log('enters')
      if (turn === 0) say('begun')
      await setTimeout(1)
      log('leaves')
      await writer.keep()
    }
  },

  async holdLock(store) {
    const lock = await store.locks.acquire('debian')
    say(lock === undefined ? 'busy' : 'held')
    await setTimeout(60_000)
    lock?.release()
  },

  /** Holds a lock under a second name that comes and goes, as the link of a blob's writer does. */
  async linkForEver(_, directory) {
    tryKernelLock(`${directory}/own`)
    for (let turn = 0; ; turn++) {
      linkSync(`${directory}/own`, `${directory}/link`)
      if (turn === 0) say('begun')
      unlinkSync(`${directory}/link`)
    }
  },
}

async function writeBlob(store: FsStore, bytes: Buffer): Promise<void> {
  const writer = await store.blobs.resume(digestOf(bytes), bytes.length)
  for (let at = 0; at < bytes.length; at += 70_000) await writer?.write(bytes.subarray(at, at + 70_000))
  await writer?.commit()
}

function pageOf(text: string): { digest: Digest; bytes: Buffer } {
  const bytes = Buffer.from(text.repeat(300))
  return { digest: digestOf(bytes), bytes }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const [program, play, directory] = process.argv.slice(1)
if (program === import.meta.filename) await plays[play!]!(openFsStore(directory!), directory!)
