import type { IncomingMessage } from 'node:http'

/** How long a body may take for each `leastBytes` of it, in milliseconds. */
const interval = 60_000
const leastBytes = 64 * 1024

/** Cuts off a client whose request's body does not come, or comes so slowly that it only holds a connection. */
export function guardBody(request: IncomingMessage, milliseconds = interval): void {
  if (request.complete || !hasBody(request)) return
  let seen = request.socket.bytesRead
  const timer = setInterval(() => {
    const { bytesRead } = request.socket
    if (request.complete) clearInterval(timer)
    else if (bytesRead - seen < leastBytes) request.socket.destroy()
    seen = bytesRead
  }, milliseconds).unref()
  request.once('close', () => clearInterval(timer))
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
