/**
 * Takes file names of this machine out of a message that leaves it: the yard's directory becomes `the yard`, of every
 * other absolute path only the last name stays. URLs, our own ones without a host among them, and paths within a
 * repository stay as they are.
 */
export function createScrub(directory: string): (message: string) => string {
  return message =>
    message
      .replaceAll(directory, '(yard)')
      .replace(/file:\/\/\S*/g, 'file:(path)')
      .replace(
        /(^|[\s"'`(=:<[])\/(?!\/|(?:api|content|setup)\/)(?:[^\s"'`():,;<>[\]/]+\/)+([^\s"'`():,;<>[\]/]*)/g,
        '$1$2',
      )
}
