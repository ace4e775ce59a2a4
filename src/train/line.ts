import type { Timestamp } from '../model/index.ts'

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
