/** A file that somebody wants to upload. */
export interface OfferedFile {
  /** As it was named, for messages. */
  name: string
  /**
   * Gives its bytes, from the beginning, to `work`, and answers what that answers. The memory of the chunks is lent: it is
   * used again once `work` has ended.
   * @throws what `work` throws; YardError `not-found`, or `invalid` for what is no file or cannot be read.
   */
  lend<T>(work: (bytes: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T>
}
