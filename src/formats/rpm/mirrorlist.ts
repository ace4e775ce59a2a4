import { byteStringOf, YardError } from '../../model/index.ts'
import { trimBlanks } from './blanks.ts'
import { mirrorUrlOf } from './mirror-url.ts'

/** More mirrors than any list names. */
const maxMirrors = 2000

/**
 * Reads a mirrorlist: the URL of a mirror of the repository on each line, best first. Comments, empty lines and whatever is no
 * http or https URL are passed over; so is a URL that stands twice. `object` names the list in messages.
 * @throws YardError `invalid` when it names no mirror at all (servers send such lists instead of an error), or more than 2,000.
 */
export function parseMirrorlist(bytes: Buffer, object: string): string[] {
  const lines = byteStringOf(bytes).split(/[\r\n]+/)
  const urls = new Set<string>()
  for (const line of lines) {
    const url = mirrorUrlOf(trimBlanks(line))
    if (url !== undefined) urls.add(url)
    if (urls.size > maxMirrors)
      throw new YardError('invalid', `${object}: it names more than ${maxMirrors} mirrors`)
  }
  if (urls.size > 0) return [...urls]
  const clue = lines.find(line => /error|invalid/i.test(line)) ?? lines.find(line => line !== '') ?? ''
  throw new YardError(
    'invalid',
    `${object}: it names no http or https mirror: ${JSON.stringify(clue.slice(0, 200))}`,
  )
}
