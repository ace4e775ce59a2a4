import type { AddressInfo } from 'node:net'
import { messageOf, YardError } from '../model/index.ts'
import type { HttpServer } from './http-server.ts'

/**
 * Has a server listen; answers the URL under which this machine reaches it.
 * @param key of switchyard.yaml that says where, for the hint.
 * @throws YardError `unavailable` when the address cannot be had.
 */
export async function listenAt(
  http: HttpServer,
  where: { host: string; port: number },
  { scheme, key }: { scheme: 'http' | 'https'; key: string },
): Promise<{ url: string }> {
  try {
    return { url: urlOf(scheme, await http.listen(where)) }
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, where.host, where.port, key)
  }
}

/** An address that means "all of them" is reached by this machine at its loopback. */
function urlOf(scheme: string, { address, port }: AddressInfo): string {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number, key: string): YardError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'something listens there already'
      : error.code === 'EACCES'
        ? 'this user may not use that port'
        : messageOf(error)
  return new YardError('unavailable', `cannot listen on ${host}:${port}: ${why}; nothing is served`, {
    hint: `stop the other program, or set \`${key}\` in switchyard.yaml`,
    cause: error,
  })
}
