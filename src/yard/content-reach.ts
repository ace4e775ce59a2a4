import { type Name, type ReleaseRecord, YardError } from '../model/index.ts'
import { once } from './once.ts'

/** Whoever serves the yard's content to programs of this machine. */
export interface ContentServer {
  /** Without a final slash. */
  url: string
  close(): Promise<void>
}

/** How the programs that gates start reach what the yard serves. */
export interface ContentReach {
  /** A server of this process listens there. */
  servedAt(url: string): void
  /** @throws YardError `unavailable` when nothing serves the yard here. */
  contentUrl(): Promise<string>
  urlOf(release: Pick<ReleaseRecord, 'train' | 'timestamp'>, repository: Name): Promise<string>
  /** Closes the server that was started for it. */
  close(): Promise<void>
}

/** `serve` is called at the first use, unless a server of this process has said before where it listens. */
export function createContentReach(serve: (() => Promise<ContentServer>) | undefined): ContentReach {
  let served: string | undefined
  let started: Promise<ContentServer> | undefined
  const start = once(async () => {
    if (serve === undefined)
      throw new YardError('unavailable', 'nothing serves this yard to programs of this machine', {
        hint: 'run `switchyard serve`, and ask it with --server',
      })
    return serve()
  })
  const contentUrl = async () => {
    if (served !== undefined) return served
    started = start()
    return (await started).url
  }
  return {
    servedAt(url) {
      served = url
    },
    contentUrl,
    urlOf: async ({ train, timestamp }, repository) =>
      `${await contentUrl()}/releases/${train}/${timestamp}/${repository}`,
    async close() {
      await (await started?.catch(() => undefined))?.close()
    },
  }
}
