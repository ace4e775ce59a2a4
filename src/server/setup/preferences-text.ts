import { type SuiteRecord, textOfByteString } from '../../model/index.ts'

/**
 * An apt_preferences(5) file that lets a client follow whatever is served, backwards too. Pins name a suite by its
 * origin, label and codename; where the metadata gives none that can be written, by the host it comes from.
 */
export function preferencesText(title: string, suites: SuiteRecord[], host: string): string {
  const pins = new Set(suites.map(suite => pinOf(suite) ?? `origin "${host}"`))
  const stanzas = [...pins].map(pin => `Package: *\nPin: ${pin}\nPin-Priority: 1001\n`)
  return `# ${title}\n${explanation}\n${stanzas.join('\n')}`
}

const explanation = `# A priority above 1000 makes apt install the version that is offered here even when it is older than the installed
# one: when what is served goes back to an earlier snapshot, \`apt-get upgrade --allow-downgrades\` follows it. Other
# sources of the same origin, label and codename are raised too: remove them, or they may win with a newer version.
`

function pinOf({ origin, label, codename }: SuiteRecord): string | undefined {
  const terms = Object.entries({ o: origin, l: label, n: codename })
    .map(([key, value]) => [key, textOfByteString(value)] as const)
    .filter(([, value]) => isPlain(value))
    .map(([key, value]) => `${key}=${value}`)
  return terms.length === 0 ? undefined : `release ${terms.join(',')}`
}

/** apt splits a pin at commas and reads some characters as patterns; there is no way to quote them. */
function isPlain(value: string): boolean {
  return /^[\p{L}\p{N}.+:~_-](?:[\p{L}\p{N} .+:~_-]{0,198}[\p{L}\p{N}.+:~_-])?$/u.test(value)
}
