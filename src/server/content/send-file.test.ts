import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createBufferPool } from './buffer-pool.ts'
import { sendFile } from './send-file.ts'

const bytes = Buffer.alloc(5_000_003, 'The quick brown fox jumps over the lazy dog. ')
const directory = mkdtempSync(join(tmpdir(), 'send-file-'))
const file = join(directory, 'file')
const pool = createBufferPool()
const ends: { sent: number; error: Error | undefined }[] = []
let ended = () => {}
let fd: number
let server: http.Server
let length = bytes.length

beforeAll(async () => {
  writeFileSync(file, bytes)
  fd = openSync(file, 'r')
  server = http.createServer((_, response) => {
    response.writeHead(200, { 'Content-Length': length })
    sendFile(response, fd, { start: bytes.length - length, end: bytes.length }, pool, (sent, error) => {
      ends.push({ sent, error })
      ended()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  closeSync(fd)
  rmSync(directory, { recursive: true })
})

async function get(): Promise<http.IncomingMessage> {
  const request = http.get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  return response
}

async function read(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function nextEnd(): Promise<void> {
  return new Promise(resolve => {
    ended = resolve
  })
}

it('sends every byte once, to many readers at once', async () => {
  const bodies = await Promise.all(Array.from({ length: 40 }, async () => read(await get())))
  expect(bodies.every(body => body.equals(bytes))).toBe(true)
})

it('sends a part', async () => {
  length = 700_001
  expect((await read(await get())).equals(bytes.subarray(-length))).toBe(true)
  length = bytes.length
})

it('lets go of the file when the client goes away', async () => {
  const end = nextEnd()
  const response = await get()
  await once(response, 'readable')
  response.destroy()
  await end
  expect(ends.at(-1)!.sent).toBeLessThan(bytes.length)
  expect(ends.at(-1)!.error).toBeUndefined()
})

it('never ends cleanly when the file is shorter than it said', async () => {
  truncateSync(file, 2_000_000)
  const end = nextEnd()
  await expect(get().then(read)).rejects.toThrow(/aborted|socket hang up/)
  await end
  expect(ends.at(-1)!.error?.message).toContain('ended early')
})
