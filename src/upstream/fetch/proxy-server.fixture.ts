import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'

export interface TestProxy {
  /** With user and password. */
  url: string
  /** `GET http://…` and `CONNECT host:port`, as asked. */
  requests: string[]
  close(): Promise<void>
}

/** A proxy that wants the login `me:pass word` and forwards GET and CONNECT to this machine. */
export async function startProxy(): Promise<TestProxy> {
  const requests: string[] = []
  const expected = `Basic ${Buffer.from('me:pass word').toString('base64')}`
  const refused = (request: http.IncomingMessage): boolean => {
    requests.push(`${request.method} ${request.url}`)
    return request.headers['proxy-authorization'] !== expected
  }
  const server = http.createServer((request, response) => {
    if (refused(request)) {
      response.writeHead(407).end()
      return
    }
    const onward = http.get(request.url!, { headers: request.headers }, answer => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.writeHead(502).end())
  })
  server.on('connect', (request, socket) => {
    if (refused(request)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const port = Number(request.url!.split(':')[1])
    const far = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.pipe(socket).pipe(far)
    })
    far.on('error', () => socket.destroy())
    socket.on('error', () => far.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://me:pass%20word@127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
