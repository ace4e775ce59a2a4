/**
 * Bytes held as a string with one character (U+0000 to U+00FF) a byte. Paths and field values of repositories are
 * bytes, not text; as byte strings they keep every byte, compare with `<` exactly as their bytes do, and serve as Map keys.
 */
export type ByteString = string

export function byteStringOf(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

export function bytesOf(byteString: ByteString): Buffer {
  return Buffer.from(byteString, 'latin1')
}

/** The byte string of text that a person or a URL gave, in UTF-8. */
export function byteStringOfText(text: string): ByteString {
  return byteStringOf(Buffer.from(text, 'utf8'))
}

/** For showing to a person: UTF-8 where the bytes are UTF-8, replacement characters elsewhere. */
export function textOfByteString(byteString: ByteString): string {
  return bytesOf(byteString).toString('utf8')
}
