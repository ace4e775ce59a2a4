import type { ByteString } from '../model/index.ts'

/**
 * A byte string as a database column holds it: one character a byte, and U+2400 for the byte 0, which PostgreSQL's
 * text cannot hold. Compares like the bytes (but for the byte 0) under SQLite's BINARY and PostgreSQL's "C" collation.
 */
export type StoredText = string & { readonly StoredText: unique symbol }

export function storedText(bytes: ByteString): StoredText {
  return (bytes.includes('\0') ? bytes.replaceAll('\0', '\u2400') : bytes) as StoredText
}

export function byteStringOfStored(text: StoredText): ByteString {
  return text.includes('\u2400') ? text.replaceAll('\u2400', '\0') : text
}
