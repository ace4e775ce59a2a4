import { type ByteString, bytesOf } from '../../model/index.ts'

/** The stanza without a field (and its continuation lines); itself when it has none. Every other byte stays. */
export function withoutField(stanza: Buffer, name: string): Buffer {
  const place = placeOf(stanza, name)
  return place === undefined
    ? stanza
    : Buffer.concat([stanza.subarray(0, place.start), stanza.subarray(place.end)])
}

/** The stanza with another value for a field that it has; itself when it has none. Every other byte stays. */
export function replaceField(stanza: Buffer, name: string, value: ByteString): Buffer {
  const place = placeOf(stanza, name)
  if (place === undefined) return stanza
  const line = bytesOf(`${stanza.toString('latin1', place.start, place.start + name.length)}: ${value}\n`)
  return Buffer.concat([stanza.subarray(0, place.start), line, stanza.subarray(place.end)])
}

/** Where a field begins, and where the next one does. */
function placeOf(stanza: Buffer, name: string): { start: number; end: number } | undefined {
  const prefix = `${name.toLowerCase()}:`
  for (let start = 0; start < stanza.length; ) {
    const end = endOfField(stanza, start)
    if (stanza.toString('latin1', start, start + prefix.length).toLowerCase() === prefix)
      return { start, end }
    start = end
  }
  return undefined
}

/** Behind the field's last continuation line: those begin with a blank (deb822(5)). */
function endOfField(stanza: Buffer, start: number): number {
  let end = start
  do {
    const lineFeed = stanza.indexOf(10, end)
    end = lineFeed < 0 ? stanza.length : lineFeed + 1
  } while (end < stanza.length && (stanza[end] === 32 || stanza[end] === 9))
  return end
}
