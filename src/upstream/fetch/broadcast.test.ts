import { describe, expect, it } from 'vitest'
import { type Broadcast, createBroadcast, type Reader } from './broadcast.ts'
import { someBytes } from './server.fixture.ts'

const mebibyte = 1024 * 1024

function sendAll(broadcast: Broadcast, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += 65536) broadcast.send(bytes.subarray(at, at + 65536), at)
}

async function drain(reader: Reader): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let chunk = await reader.next(); chunk; chunk = await reader.next()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('a broadcast', () => {
  it('gives everything but the last 64 KiB', async () => {
    const bytes = someBytes(mebibyte)
    const broadcast = createBroadcast(bytes.length)
    const reader = broadcast.read()
    sendAll(broadcast, bytes)
    expect((await drain(reader)).equals(bytes.subarray(0, mebibyte - 65536))).toBe(true)
  })

  it('gives nothing of a blob that fits in 64 KiB', async () => {
    const broadcast = createBroadcast(1000)
    const reader = broadcast.read()
    broadcast.send(Buffer.alloc(1000), 0)
    expect(await drain(reader)).toHaveLength(0)
  })

  it('holds at most 4 MiB and a chunk for a reader that does not read', async () => {
    const broadcast = createBroadcast(64 * mebibyte)
    const reader = broadcast.read()
    sendAll(broadcast, Buffer.alloc(32 * mebibyte))
    expect((await drain(reader)).length).toBeLessThanOrEqual(4 * mebibyte + 65536)
  })

  it('gives nothing to a reader that came too late', async () => {
    const broadcast = createBroadcast(mebibyte)
    broadcast.send(Buffer.alloc(10), 0)
    const reader = broadcast.read()
    broadcast.send(Buffer.alloc(10), 10)
    expect(await drain(reader)).toHaveLength(0)
  })

  it('begins anew for a reader that was given nothing of the wrong bytes', async () => {
    const broadcast = createBroadcast(mebibyte)
    const reader = broadcast.read()
    broadcast.send(Buffer.from('wrong'), 0)
    broadcast.reset()
    broadcast.send(Buffer.from('right'), 0)
    broadcast.end()
    expect(await drain(reader)).toEqual(Buffer.from('right'))
  })

  it('fails a reader that was given wrong bytes already', async () => {
    const broadcast = createBroadcast(mebibyte)
    const reader = broadcast.read()
    broadcast.send(Buffer.from('wrong'), 0)
    await reader.next()
    broadcast.reset()
    await expect(reader.next()).rejects.toMatchObject({ code: 'damaged' })
  })
})
