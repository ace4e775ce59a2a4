/** A file that somebody wants to upload. */
export interface OfferedFile {
  /** As it was named, for messages. */
  name: string
  /** Its bytes from the beginning. @throws YardError `not-found`, or `invalid` for what is no file or cannot be read. */
  open(): AsyncIterable<Uint8Array>
}
