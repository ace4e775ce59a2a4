import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { expect, it } from 'vitest'
import { createHttpServer } from './http-server.ts'

async function start(content: http.RequestListener) {
  const { listen, drain } = createHttpServer(content, (request, response) =>
    response.end(`other ${request.url}`),
  )
  const { port } = await listen({ host: '127.0.0.1', port: 0 })
  return { port, drain }
}

async function speak(port: number, text: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1').setEncoding('latin1')
  socket.end(text)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

it('hands content to one side and the rest to the other, whole URLs included', async () => {
  const { port, drain } = await start((request, response) => response.end(`content ${request.url}`))
  const get = (target: string) =>
    speak(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  expect(await get('/content/x')).toContain('content /content/x')
  expect(await get('http://a.example/content/x')).toContain('content /content/x')
  expect(await get('/contents')).toContain('other /contents')
  expect(await get('http://a.example?b')).toContain('other /?b')
  expect(await get(`/${'a'.repeat(9000)}`)).toMatch(/^HTTP\/1.1 414 /)
  expect(await get(`/${'a'.repeat(20_000)}`)).toMatch(/^HTTP\/1.1 431 /)
  await drain()
})

it('lets a running answer finish when it is told to stop, and takes no new one', async () => {
  let finish = () => {}
  const { port, drain } = await start((_, response) => {
    response.writeHead(200, { 'Content-Length': 4 })
    response.write('ab')
    finish = () => response.end('cd')
  })
  const agent = new http.Agent({ keepAlive: true })
  const request = http.get({ port, host: '127.0.0.1', path: '/content/x', agent })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const drained = drain()
  await expect(speak(port, 'GET /content/y HTTP/1.1\r\nHost: a\r\n\r\n')).rejects.toThrow(/ECONNREFUSED/)
  setTimeout(finish, 50)
  let body = ''
  for await (const chunk of response) body += chunk
  expect(body).toBe('abcd')
  await drained
  agent.destroy()
})

it('answers each of 1,500 clients who come at once, who end their side with the request', async () => {
  const { port, drain } = await start((request, response) => response.end(`content ${request.url}`))
  const answers = await Promise.all(
    Array.from({ length: 1500 }, (_, i) =>
      speak(port, `GET /content/${i} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
    ),
  )
  for (const [i, answer] of answers.entries()) expect(answer).toMatch(new RegExp(`\ncontent /content/${i}$`))
  await drain()
})
