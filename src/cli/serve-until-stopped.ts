import { once } from 'node:events'
import type { OpenYard } from '../yard/index.ts'
import type { Cli } from './context.ts'

/**
 * Serves until the command is told to stop; `whileServing` is called once the server listens, and waited for at the end.
 * @throws YardError `unavailable` when the address cannot be listened on.
 */
export async function serveUntilStopped(
  cli: Cli,
  open: OpenYard,
  options: { publicUrl?: string; logLevel?: 'debug' | 'info' | 'warn' | 'error' },
  whileServing: (url: string) => Promise<void> = async url => cli.err(`serving at ${url}\n`),
): Promise<void> {
  const { createServer } = await import('../server/index.ts')
  const server = await createServer({ open, ...options })
  try {
    const { url, hosts } = await server.listen()
    if (hosts !== undefined) cli.err(`serving hosts at ${hosts}\n`)
    const stopped = cli.signal.aborted ? Promise.resolve() : once(cli.signal, 'abort')
    await Promise.all([whileServing(url), stopped])
  } finally {
    await server.close()
  }
}
