/** What is told apart in the metrics. */
export type RequestKind = 'content' | 'setup' | 'api' | 'hosts' | 'departures' | 'operations'

/** Upper bounds of the latency histogram, in seconds. */
export const latencyBounds = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] as const

export interface KindTotals {
  /** Answers by HTTP status. */
  statuses: Map<number, number>
  /** Bytes of bodies. */
  bytes: number
  /** Answers whose head came within each of `latencyBounds`, not cumulative; the last one counts the slower. */
  latencies: number[]
  /** Sum of these times, in seconds. */
  seconds: number
}

/** Counts answers. Cheap enough for every request. */
export interface RequestMeter {
  /** The head of an answer was written after so many seconds. */
  answered(kind: RequestKind, status: number, seconds: number): void
  /** So many bytes of a body were handed to the socket. */
  sent(kind: RequestKind, bytes: number): void
  totals(): ReadonlyMap<RequestKind, KindTotals>
}

export function createRequestMeter(): RequestMeter {
  const kinds: RequestKind[] = ['content', 'setup', 'api', 'hosts', 'departures', 'operations']
  const totals = new Map(kinds.map(kind => [kind, emptyTotals()]))
  return {
    answered(kind, status, seconds) {
      const of = totals.get(kind)!
      of.statuses.set(status, (of.statuses.get(status) ?? 0) + 1)
      of.seconds += seconds
      const slot = latencyBounds.findIndex(bound => seconds <= bound)
      of.latencies[slot === -1 ? latencyBounds.length : slot]!++
    },
    sent(kind, bytes) {
      totals.get(kind)!.bytes += bytes
    },
    totals: () => totals,
  }
}

function emptyTotals(): KindTotals {
  return { statuses: new Map(), bytes: 0, latencies: Array(latencyBounds.length + 1).fill(0), seconds: 0 }
}
