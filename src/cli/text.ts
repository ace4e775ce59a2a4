import { type ByteString, textOfByteString } from '../model/index.ts'

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes for a person, in powers of a thousand: `982 B`, `1.4 MB`. */
export function sizeText(bytes: number): string {
  let value = Math.abs(bytes)
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${bytes < 0 ? '-' : ''}${value.toFixed(unit === 0 ? 0 : digits)} ${units[unit]}`
}

export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`
}

/** `2,112`. (toLocaleString takes 17 ms to load the world's languages.) */
export function numberText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 package`, `3 packages`. */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${numberText(count)} ${count === 1 ? noun : plural}`
}

/** How much of a whole is there, never rounded up to all of it. */
export function percentText(part: number, whole: number): string {
  if (part >= whole) return '100%'
  return `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)}%`
}

/**
 * Bytes from a repository as text that is safe on a terminal: control characters are escaped, so that no package's
 * name can move the cursor.
 */
export function safeText(bytes: ByteString): string {
  return printable(textOfByteString(bytes))
}

/** As `safeText`, of text that may have several lines. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

/** Rows as columns with two blanks between them; numbers are given as text and aligned right where `right` says so. */
export function tableText(rows: string[][], right: number[] = []): string {
  const widths: number[] = []
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  const line = (row: string[]) =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  return rows.map(row => `${line(row)}\n`).join('')
}
