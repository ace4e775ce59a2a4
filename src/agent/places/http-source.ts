import { type Source, Suspicion } from '../../trust/pure.ts'
import { type Connection, unreachable } from '../host/http.ts'
import { TooSlow } from '../host/pace.ts'

/** Departures on a web server. @param base ends with a slash. */
export function httpSource(base: URL, connection: Connection): Source {
  return {
    async fetch(path, maximumBytes) {
      const { status, body } = await connection
        .ask({ path: `${base.pathname}${path}`, maximum: maximumBytes })
        .catch((error: unknown) => {
          throw error instanceof TooSlow
            ? new Suspicion('slow-retrieval', path, error.message, error)
            : unreachable(base.origin, error)
        })
      if (isAbsent(status)) return undefined
      if (status !== 200) throw new Suspicion('unavailable', path, `${base.origin} answers ${status}`)
      return body
    },
  }
}

/** Buckets that may not be listed answer 403 for what is not there. */
function isAbsent(status: number): boolean {
  return status === 404 || status === 410 || status === 403
}
