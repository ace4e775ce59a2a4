import { type SuiteRecord, textOfByteString } from '../../model/index.ts'

/** A suite of a repository as apt is pointed at it. */
export interface AptSuite {
  suite: SuiteRecord
  /** Of the repository, without a final slash. */
  url: string
  /** File with the keys; undefined: trusted unverified. */
  keyring: string | undefined
  /** Packages of it are taken only when nothing else has them, or somebody asks (`NotAutomatic: yes`). */
  notAutomatic: boolean
}

/** A sources.list(5). What is dated stays valid whatever its Valid-Until said when it was new. */
export function sourcesListText(suites: readonly AptSuite[]): string {
  return suites.map(line).join('')
}

function line({ suite, url, keyring }: AptSuite): string {
  const trust = keyring === undefined ? 'trusted=yes' : `signed-by=${keyring}`
  const words = [suite.suite, ...suite.components].map(word => textOfByteString(word))
  return `deb [${trust} check-valid-until=no] ${url}/ ${words.join(' ')}\n`
}

/**
 * An apt_preferences(5) that has a machine follow what a release offers, backwards too: above 1000 apt goes to an older
 * version. Suites are named by their origin, label and codename, and where they give none by the host.
 */
export function followText(suites: readonly AptSuite[]): string {
  const pins = suites.filter(({ notAutomatic }) => !notAutomatic).map(pinOf)
  return [...new Set(pins)].map(pin => `Package: *\nPin: ${pin}\nPin-Priority: 1001\n`).join('\n')
}

function pinOf({ suite: { origin, label, codename }, url }: AptSuite): string {
  const terms = Object.entries({ o: origin, l: label, n: codename }).filter(([, value]) => isPlain(value))
  return terms.length === 0
    ? `origin "${new URL(url).hostname}"`
    : `release ${terms.map(([key, value]) => `${key}=${value}`).join(',')}`
}

/** apt splits a pin at commas and reads some characters as patterns; there is no way to quote them. */
function isPlain(value: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9 .+:~_-]*$/.test(value)
}

/** An apt.conf(5) for a machine that nobody sits at: no questions, configuration files as the package has them unless changed. */
export function aptConfiguration(directory: string): string {
  return `Dir::Etc::sourcelist "${directory}/sources.list";
Dir::Etc::sourceparts "${directory}/none";
Dir::Etc::preferences "${directory}/preferences";
Acquire::Languages "none";
Acquire::http::Proxy "DIRECT";
Acquire::https::Proxy "DIRECT";
APT::Get::Assume-Yes "true";
APT::Get::Always-Include-Phased-Updates "true";
APT::Update::Error-Mode "any";
Dpkg::Use-Pty "false";
DPkg::Options { "--force-confdef"; "--force-confold"; "--force-unsafe-io"; };
`
}
