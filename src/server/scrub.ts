/** A token that somebody put where none belongs, such as a URL, loses its secret before it is written anywhere. */
export function withoutTokens(text: string): string {
  return text.replace(/(swyd|swyh)_([a-z0-9.-]+)_[\w-]{43}/g, '$1_$2_(secret)')
}

/**
 * Takes file names of this machine out of a message that leaves it: the yard's directory becomes `the yard`, of every
 * other absolute path only the last name stays. URLs, our own ones without a host among them, and paths within a
 * repository stay as they are.
 */
export function createScrub(directory: string): (message: string) => string {
  return message =>
    withoutTokens(message)
      .replaceAll(directory, '(yard)')
      .replace(/file:\/\/\S*/g, 'file:(path)')
      .replace(
        /(^|[\s"'`(=:<[])\/(?!\/|(?:api|content|setup)\/)(?:[^\s"'`():,;<>[\]/]+\/)+([^\s"'`():,;<>[\]/]*)/g,
        '$1$2',
      )
}
