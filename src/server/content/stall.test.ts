import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { sendStream } from './send-stream.ts'
import { endWithin } from './stall.ts'

/** More than the buffers of a connection hold. */
const large = Buffer.alloc(64 * 1024 * 1024)
const limit = 50
let close = async () => {}
afterEach(() => close())

/** The answer to a client that asks and then reads nothing. */
async function answerToStalled(): Promise<ServerResponse> {
  const server = http.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => {}).pause()
  client.write('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n')
  close = async () => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  }
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  return response
}

it('a client that does not take a body sent at once is cut off', async () => {
  const response = await answerToStalled()
  response.writeHead(200, { 'Content-Length': large.length })
  endWithin(response, large, limit)
  await once(response, 'close')
  expect(response.writableFinished).toBe(false)
})

it('a client that does not take a chunk of a stream is cut off, and the stream is ended', async () => {
  const response = await answerToStalled()
  let ended = false
  async function* chunks() {
    try {
      yield large
      yield large
    } finally {
      ended = true
    }
  }
  const sent: number[] = []
  const head = () => response.writeHead(200)
  await sendStream(response, chunks(), head, bytes => sent.push(bytes), limit)
  expect([response.destroyed, ended, sent]).toEqual([true, true, []])
})
