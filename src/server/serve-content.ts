import type { ContentServer, OpenYard } from '../yard/index.ts'
import { createContentListener } from './content/content-listener.ts'
import { createHttpServer } from './http-server.ts'
import { createRequestMeter } from './operations/request-meter.ts'
import { createScrub } from './scrub.ts'

/** Serves content, and nothing else, to this machine alone, on a port that is free: for programs that gates start. */
export async function serveContent(open: OpenYard): Promise<ContentServer> {
  const listener = createContentListener({
    content: open.content,
    meter: createRequestMeter(),
    log: silent,
    scrub: createScrub(open.directory),
    repositoryPage: async () => undefined,
  })
  const http = createHttpServer(
    (request, response) => listener.answer(request, response),
    (_, response) => void response.writeHead(404).end(),
  )
  const { address, port } = await http.listen({ host: '127.0.0.1', port: 0 })
  return {
    url: `http://${address}:${port}`,
    async close() {
      await http.drain()
      listener.close()
    },
  }
}

const nothing = () => undefined
/** What goes wrong is told to the program that asks, and stands in what it writes. */
const silent = { level: 'silent', info: nothing, warn: nothing, error: nothing }
