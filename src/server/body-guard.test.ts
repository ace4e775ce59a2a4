import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { guardBody } from './body-guard.ts'

/** A server that answers a body's size; bodies are looked at every so many milliseconds. */
async function start(milliseconds: number) {
  const server = http.createServer(async (request, response) => {
    guardBody(request, milliseconds)
    let size = 0
    try {
      for await (const chunk of request) size += chunk.length
    } catch {
      return
    }
    response.end(String(size))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

const head = (size: number) =>
  `PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`

it('cuts off whoever announces a body and does not send it', async () => {
  const { port, close } = await start(20)
  const socket = net.connect(port, '127.0.0.1')
  socket.write(head(1_000_000))
  socket.write('a little')
  socket.resume()
  await once(socket, 'close')
  close()
})

it('lets a body take many intervals while enough of it comes', async () => {
  const { port, close } = await start(50)
  const chunk = Buffer.alloc(256 * 1024)
  const socket = net.connect(port, '127.0.0.1')
  socket.write(head(20 * chunk.length))
  for (let sent = 0; sent < 20; sent++) {
    socket.write(chunk)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  let answer = ''
  for await (const part of socket.setEncoding('latin1')) answer += part
  expect(answer).toMatch(new RegExp(`\r\n\r\n${20 * chunk.length}$`))
  close()
})
