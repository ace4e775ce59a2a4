import type { FastifyBaseLogger } from 'fastify'
import type { OpenYard } from '../yard/index.ts'

/** Statements live for hours at least, and are signed again at half of their life. */
const intervalMilliseconds = 3_600_000

/** Whoever refreshes until it is stopped. */
export interface Refreshing {
  /** Waits for what is under way. */
  stop(): Promise<void>
}

/**
 * Brings what hosts are told up to date, now and every hour: no host may find it stale while this server runs. What fails is
 * logged, and tried again the next time.
 */
export function keepFresh(
  { refreshStatements }: Pick<OpenYard, 'refreshStatements'>,
  log: Pick<FastifyBaseLogger, 'warn'>,
): Refreshing {
  let underWay: Promise<void> | undefined
  const refresh = () => {
    underWay ??= refreshStatements()
      .catch(error => log.warn({ err: error }, 'what hosts are told could not be brought up to date'))
      .finally(() => {
        underWay = undefined
      })
  }
  refresh()
  const timer = setInterval(refresh, intervalMilliseconds).unref()
  return {
    async stop() {
      clearInterval(timer)
      await underWay
    },
  }
}
