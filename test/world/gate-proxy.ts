import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP proxy that holds the first request whose path matches until it is told to go on. */
export interface GateProxy {
  url: string
  /** Resolves when that request has come. */
  reached: Promise<void>
  open(): void
  close(): Promise<void>
}

export async function startGateProxy(held: RegExp): Promise<GateProxy> {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const server = http.createServer(async (request, response) => {
    if (held.test(request.url!)) {
      reached.resolve()
      await opened.promise
    }
    const onward = http.request(request.url!, { headers: request.headers }, answer => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    onward.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reached: reached.promise,
    open: () => opened.resolve(),
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
