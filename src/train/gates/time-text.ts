const units: [string, number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
]

/** Seconds for a person, in the two largest units: `6 d 23 h`. */
export function timeText(seconds: number): string {
  const first = units.findIndex(([, length]) => seconds >= length)
  if (first < 0) return '0 s'
  const [unit, length] = units[first]!
  const whole = Math.floor(seconds / length)
  const [nextUnit, nextLength] = units[first + 1] ?? ['', 0]
  const rest = nextLength === 0 ? 0 : Math.floor((seconds - whole * length) / nextLength)
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${nextUnit}`
}
