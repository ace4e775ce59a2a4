import type { Figure, Target } from './findings.ts'
import { ours } from './findings.ts'
import { median } from './statistics.ts'

/** The figure of one contender. */
export function figureOf(figures: Figure[], who: string): Figure {
  const found = figures.find(figure => figure.who === who)
  if (found === undefined) throw new Error(`nothing was measured of ${who}`)
  return found
}

/** Median of the turns' quotients: what drifts from turn to turn falls out. */
export function ratio(a: Figure, b: Figure): number {
  if (a.values.length !== b.values.length) return median(a.values) / median(b.values)
  return median(a.values.map((value, turn) => value / b.values[turn]!))
}

/** Is our median below a limit, in the figure's unit? */
export function below(limit: number, figure: Figure): Target {
  const measured = median(figure.values)
  return {
    target: `${figure.what}: under ${limit} ${figure.unit}`,
    measured: `${rounded(measured)} ${figure.unit}`,
    met: measured < limit,
  }
}

/** Do we take at most so many times what a peer takes? */
export function within(times: number, figures: Figure[], peer: string): Target {
  const us = figureOf(figures, ours)
  const quotient = ratio(us, figureOf(figures, peer))
  return {
    target: `${us.what}: within ${times} times of ${peer}`,
    measured: `${quotient.toFixed(2)} times`,
    met: quotient <= times,
  }
}

/** Are we at least so many times as fast as a peer? */
export function timesAsFast(times: number, figures: Figure[], peer: string): Target {
  const us = figureOf(figures, ours)
  const quotient = ratio(figureOf(figures, peer), us)
  return {
    target: `${us.what}: at least ${times} times as fast as ${peer}`,
    measured: `${quotient.toFixed(2)} times`,
    met: quotient >= times,
  }
}

/** Did every process of ours stay below so many MiB? */
export function peakBelow(mebibytes: number, figures: Figure[]): Target {
  const peaks = figures.filter(({ who }) => who === ours).map(({ peakBytes }) => peakBytes ?? 0)
  const peak = Math.max(...peaks) / 1024 / 1024
  return {
    target: `peak memory of every process: under ${mebibytes} MiB`,
    measured: `${Math.round(peak)} MiB`,
    met: peak < mebibytes,
  }
}

/** Are we faster than every peer in these figures? */
export function fastest(figures: Figure[], peers: string[]): Target {
  const us = figureOf(figures, ours)
  const quotients = peers.map(peer => ({ peer, quotient: ratio(figureOf(figures, peer), us) }))
  return {
    target: `${us.what}: the fastest`,
    measured: quotients.map(({ peer, quotient }) => `${peer} ${quotient.toFixed(2)} × ours`).join(', '),
    met: quotients.every(({ quotient }) => quotient > 1),
  }
}

export function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value < 0.001 ? '0' : value.toPrecision(3)
}
