import http from 'node:http'

export interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
  /** The connection ended before the announced length. */
  aborted: boolean
}

/** One request on a connection of its own, whose path goes over the wire exactly as given. */
export function ask(base: string, path: string, options: http.RequestOptions = {}): Promise<Answer> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, path, agent: false, ...options }, response => {
      const chunks: Buffer[] = []
      const { statusCode, headers } = response
      const done = (aborted: boolean) =>
        resolve({ status: statusCode!, headers, body: Buffer.concat(chunks), aborted })
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => done(false))
      response.on('error', () => done(true))
    })
    request.on('error', reject)
    request.end()
  })
}
