/**
 * The candidate that `text` was probably meant to be, or undefined when none is near: at most one edit for every three
 * characters, where an edit adds, drops or replaces a character or swaps two neighbours. The first wins a draw.
 */
export function nearestName(text: string, candidates: Iterable<string>): string | undefined {
  if (text.length > longestName) return undefined
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const limit = Math.max(1, Math.floor(Math.max(text.length, candidate.length) / 3))
    if (Math.abs(text.length - candidate.length) > limit) continue
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase())
    if (distance > limit || distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

const longestName = 100

/** Optimal string alignment distance: Levenshtein's, with a swap of neighbours as one edit. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
