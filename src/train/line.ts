import type { ChannelMove, Timestamp } from '../model/index.ts'

/** A channel's promotions in their order, and where it stands in them. */
export interface Line {
  line: Timestamp[]
  at: number
}

/** The line after a promotion: what was rolled back from is no way back any more. */
export function promoted(current: Line | undefined, release: Timestamp): Line {
  const line = [...(current?.line.slice(0, current.at + 1) ?? []), release]
  return { line, at: line.length - 1 }
}

/** One step back; undefined at the first promotion. */
export function rolledBack({ line, at }: Line): Line | undefined {
  return at === 0 ? undefined : { line, at: at - 1 }
}

/** To a release of the line, back or forward again: the nearest place where it stands; undefined when it is in none. */
export function movedTo({ line, at }: Line, release: Timestamp): Line | undefined {
  const places = line.flatMap((one, place) => (one === release && place !== at ? [place] : []))
  const nearest = places.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at) || a - b)[0]
  return nearest === undefined ? undefined : { line, at: nearest }
}

/** Where every move in its order leads; undefined when they cannot have been those of one channel. */
export function replayed(moves: Pick<ChannelMove, 'kind' | 'release'>[]): Line | undefined {
  let line: Line | undefined
  for (const { kind, release } of moves) {
    line = kind === 'promotion' ? promoted(line, release) : line && movedTo(line, release)
    if (line === undefined) return undefined
  }
  return line
}

/**
 * The line without the releases up to and with the last place of `release`; the same where it is not in it. Undefined when the
 * channel stands there or behind it, or not `least` promotions before where it stands.
 */
export function cutBefore(current: Line, release: Timestamp, least: number): Line | undefined {
  const place = current.line.lastIndexOf(release)
  if (place === -1) return current
  if (place >= current.at - least) return undefined
  return { line: current.line.slice(place + 1), at: current.at - place - 1 }
}
