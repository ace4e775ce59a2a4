import type { ServerResponse } from 'node:http'

/** How long a client may take no byte before it is cut off, in milliseconds. */
export const stallMilliseconds = 120_000

/** Ends a response whose head is written with all of its body; a client that takes none of it for `limit` milliseconds is cut off. */
export function endWithin(
  response: ServerResponse,
  body: Uint8Array | string,
  limit = stallMilliseconds,
): void {
  response.setTimeout(limit, () => response.destroy())
  response.end(body)
}
