/** Of numbers in any order; the mean of the two in the middle when their count is even. */
export function median(numbers: number[]): number {
  return quantile(numbers, 0.5)
}

/** Linear between the two nearest. `q` from 0 to 1. */
export function quantile(numbers: number[], q: number): number {
  if (numbers.length === 0) throw new Error('there is no quantile of nothing')
  const sorted = numbers.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * q
  const below = sorted[Math.floor(place)]!
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place))
}
