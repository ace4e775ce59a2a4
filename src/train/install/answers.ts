/** The packages that apt-get left as they were though it has newer or other ones. */
export function keptBack(output: string): string[] {
  const names = /^The following packages have been kept back:\n((?: .*\n)+)/m.exec(output)?.[1] ?? ''
  return names.split(/\s+/).filter(word => word !== '')
}

/** The packages that apt-get does not know, or cannot get from anywhere. */
export function unknownToApt(output: string): string[] {
  return [
    ...output.matchAll(
      /^E: (?:Unable to locate package (\S+)|Package '(\S+)' has no installation candidate)$/gm,
    ),
  ].map(([, located, offered]) => located ?? offered!)
}

/** The packages that dnf does not know. */
export function unknownToDnf(output: string): string[] {
  return [...output.matchAll(/^No match for argument: (\S+)$/gm)].map(([, name]) => name!)
}
