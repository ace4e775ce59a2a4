/** One entry of apt's own list of sources (sources.list(5)) that offers binary packages. */
export interface AptSource {
  uris: string[]
  suites: string[]
  components: string[]
  /** Keyring files; empty when the entry names none, or holds the key itself or a fingerprint. */
  signedBy: string[]
}

/** Where the machine's apt gets Debian from. Empty lists where it does not say. */
export interface DebianArchive {
  mirrors: string[]
  securityMirrors: string[]
}

const mostBytes = 1024 * 1024

/**
 * Reads one file of /etc/apt: deb822 when its name ends in `.sources`, else the one-line format. What apt itself would
 * skip or refuse (disabled entries, other types, unreadable lines) is left out; never throws. Text beyond 1 MiB is not read.
 */
export function parseAptSources(fileName: string, text: string): AptSource[] {
  const bounded = text.slice(0, mostBytes)
  return fileName.endsWith('.sources') ? parseStanzas(bounded) : parseLines(bounded)
}

function parseStanzas(text: string): AptSource[] {
  const sources: AptSource[] = []
  for (const paragraph of text.split(/\r?\n(?:[ \t]*\r?\n)+/)) {
    const fields = fieldsOf(paragraph)
    const words = (name: string): string[] => (fields.get(name) ?? '').split(/\s+/).filter(Boolean)
    if (!words('types').includes('deb')) continue
    if (/^(?:no|false|without|off|disable|0)$/i.test(fields.get('enabled')?.trim() ?? '')) continue
    const source = { uris: words('uris'), suites: words('suites'), components: words('components') }
    if (source.uris.length > 0 && source.suites.length > 0)
      sources.push({ ...source, signedBy: keyringFiles(words('signed-by')) })
  }
  return sources
}

/** Fields of a deb822 paragraph, names in lower case; comment lines may stand anywhere, even within a field. */
function fieldsOf(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>()
  let current = ''
  for (const line of paragraph.split(/\r?\n/)) {
    if (line.startsWith('#')) continue
    const [, name, value] = /^([^\s:]+)[ \t]*:(.*)$/.exec(line) ?? []
    if (name !== undefined) {
      current = name.toLowerCase()
      fields.set(current, value!)
    } else if (/^[ \t]/.test(line)) fields.set(current, `${fields.get(current) ?? ''}\n${line}`)
  }
  return fields
}

function parseLines(text: string): AptSource[] {
  return text.split(/\r?\n/).flatMap(line => {
    const [, options = '', rest] = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?([^#]*)/.exec(line) ?? []
    const [uri, suite, ...components] = (rest ?? '').split(/\s+/).filter(Boolean)
    if (uri === undefined || suite === undefined) return []
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1]?.split(',') ?? []
    return [{ uris: [uri], suites: [suite], components, signedBy: keyringFiles(signedBy) }]
  })
}

function keyringFiles(words: string[]): string[] {
  return words.filter(word => word.startsWith('/'))
}

/**
 * Debian's main and security archives among the machine's sources. Other vendors use Debian's codenames too: an entry
 * counts when it is signed with Debian's own keyring, or names no key and its URI ends as Debian's archives do.
 * Debian's cloud images keep their URIs in a list of mirrors (apt-transport-mirror(1)): `readList` gives the text of
 * such a file, or undefined when there is none.
 */
export function debianArchive(
  sources: readonly AptSource[],
  codename: string,
  readList: (file: string) => string | undefined,
): DebianArchive {
  const debian = sources.filter(source => source.components.includes('main') && isDebian(source))
  return {
    mirrors: mirrorsOf(debian, [codename], readList),
    securityMirrors: mirrorsOf(debian, [`${codename}-security`, `${codename}/updates`], readList),
  }
}

function isDebian({ uris, signedBy }: AptSource): boolean {
  if (signedBy.length > 0) return signedBy.some(file => /\/debian-archive-[^/]*$/.test(file))
  return uris.some(uri => /\/debian(?:-security)?(?:\.list)?\/*$/.test(uri))
}

function mirrorsOf(
  sources: AptSource[],
  suites: string[],
  readList: (file: string) => string | undefined,
): string[] {
  const uris = sources
    .filter(source => source.suites.some(suite => suites.includes(suite.replace(/\/+$/, ''))))
    .flatMap(source => source.uris)
    .flatMap(uri => listedUris(uri, readList))
    .filter(uri => /^https?:\/\//.test(uri))
    .map(uri => uri.replace(/\/+$/, ''))
  return [...new Set(uris)]
}

function listedUris(uri: string, readList: (file: string) => string | undefined): string[] {
  const file = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(uri)?.[1]
  if (file === undefined) return [uri]
  const lines = (readList(file) ?? '').slice(0, mostBytes).split(/\r?\n/)
  return lines.map(line => line.trim().split(/\s/)[0]!)
}
