import { posix } from 'node:path'
import { type ByteString, byteStringOfText, isName, type Name, pathFault } from '../model/index.ts'
import type { SecretSource } from './configuration.ts'
import { object, optional } from './object.ts'
import { mapped, type Shape, scalar, text } from './shape.ts'

/** Names of repositories. */
export const name: Shape<Name> = text(
  'a name of lower-case letters, digits, dots and dashes, at most 63, beginning with a letter or digit',
  value => (isName(value) ? value : undefined),
)

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** `30s`, `5m`, `12h`, `7d` -> seconds. */
export const duration: Shape<number> = text(
  'a duration such as `30s`, `5m`, `12h` or `7d`',
  value => {
    const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(value) ?? []
    return unit === undefined ? undefined : Number(count) * unitSeconds[unit as keyof typeof unitSeconds]
  },
  { json: { pattern: '^[0-9]{1,6}[smhd]$' } },
)

/** Like `duration`, and more than nothing. */
export const timeout: Shape<number> = {
  json: duration.json,
  read: (node, place, reading) => {
    const seconds = duration.read(node, place, reading)
    if (seconds !== 0) return seconds
    reading.report({ place, found: 'a duration of nothing', expected: 'at least `1s`' })
    return undefined
  },
}

const unitBytes: Record<string, number> = {
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** `500KiB`, `10MB` -> bytes. */
export const size: Shape<number> = text(
  'a size such as `500KiB`, `10MB` or `1GiB`',
  value => {
    const [, count, unit] = /^([1-9]\d{0,5})(kB|KB|MB|GB|KiB|MiB|GiB)$/.exec(value) ?? []
    return unit === undefined ? undefined : Number(count) * unitBytes[unit]!
  },
  { json: { pattern: '^[1-9][0-9]{0,5}(kB|KB|MB|GB|KiB|MiB|GiB)$' } },
)

/** A path, made absolute against the directory of the file. */
export const path: Shape<string> = text('a path', (value, reading) =>
  value === '' || value.includes('\0') || value.length > 4096
    ? undefined
    : posix.resolve(reading.directory, value),
)

const urlExpected = 'an http or https URL such as `https://mirror.example.org/debian`'

/** An archive's or proxy's base URL as it is written, without the slashes at its end. Credentials in it are refused. */
export const baseUrl: Shape<string> = urlShape(
  ['http:', 'https:'],
  urlExpected,
  'write `username` and `password` beside it, so that the secret stays in a file or the environment',
)

/** Where hosts find copies of statements. */
export const place: Shape<string> = urlShape(
  ['http:', 'https:', 'file:'],
  'an http, https or file URL such as `https://mirror.example.org/departures`',
  'a place asks nobody who they are: whatever lies there is signed',
)

/** The URL of a list of mirrors, query included. Credentials in it are refused. */
export const listUrl: Shape<string> = urlShape(
  ['http:', 'https:'],
  'an http or https URL such as `https://mirror.example.org/metalink?repo=base`',
  'write `username` and `password` beside it, so that the secret stays in a file or the environment',
  { query: true },
)

/** A proxy's URL, or `none`. */
export const proxy: Shape<string> = urlShape(
  ['http:', 'https:'],
  "a proxy's URL such as `http://proxy.example.org:3128`, or `none`",
  'give a proxy that wants credentials through the environment: http_proxy and https_proxy',
  { word: 'none' },
)

export const databaseUrl: Shape<string> = urlShape(
  ['postgresql:', 'postgres:'],
  'a URL such as `postgresql://switchyard@localhost/switchyard`',
  'give the password through PGPASSWORD or a .pgpass file',
)

/** URLs are read as secrets: one that carries credentials must not be repeated in a message. */
function urlShape(
  protocols: string[],
  expected: string,
  advice: string,
  { word, query = false }: { word?: string; query?: boolean } = {},
): Shape<string> {
  const isDatabase = protocols.includes('postgresql:')
  const plain = text(expected, value => value, { secret: true })
  return {
    json: { type: 'string', title: expected },
    read: (node, place, reading) => {
      const value = plain.read(node, place, reading)
      if (value === undefined || value === word) return value
      const url = /\s/.test(value) ? null : URL.parse(value)
      if (url === null || !protocols.includes(url.protocol)) {
        reading.report({ place, found: foundInsteadOfUrl(value, url), expected })
        return undefined
      }
      if (url.password !== '' || (url.username !== '' && !isDatabase)) {
        const found = 'a URL with credentials in it'
        reading.report({ place, found, expected: 'one without', advice })
        return undefined
      }
      if (isDatabase || (query && url.hash === '')) return value
      if (url.search === '' && url.hash === '') return value.replace(/\/+$/, '')
      reading.report({ place, found: 'a URL with a query or a fragment', expected })
      return undefined
    },
  }
}

function foundInsteadOfUrl(value: string, url: URL | null): string {
  return url === null || value.includes('@')
    ? 'text that is no such URL'
    : `a URL of the kind \`${url.protocol.slice(0, 20)}\``
}

/** A suite (`bookworm`, `bookworm/updates`), or a flat repository's directory, which ends in `/` (`./` for the root). */
export const suite: Shape<ByteString> = text(
  "a suite such as `bookworm`, or a flat repository's directory such as `./` or `stable/`",
  value => {
    if (value === './' || value === '/') return './'
    const bytes = byteStringOfText(value.replace(/^\.\//, ''))
    const fault = /[\s[\]]/.test(value) ? 'white space' : pathFault(bytes.replace(/\/$/, ''))
    return fault === undefined ? bytes : undefined
  },
)

/** True for a directory of a flat repository: it has packages, but neither components nor architectures. */
export function isFlat(suiteName: ByteString): boolean {
  return suiteName.endsWith('/')
}

/** A word of a Release file, as `suite` and `codename` of what we write. */
export const releaseWord: Shape<string> = text('a word such as `bookworm`', value =>
  /^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,99}$/.test(value) ? value : undefined,
)

/** One line of a Release file, as `origin` and `label` of what we write. */
export const releaseLine: Shape<string> = text('one line of text', value =>
  /^[^\p{Cc}\s][^\p{Cc}]{0,199}$/u.test(value) ? value : undefined,
)

export const component: Shape<ByteString> = text('a component such as `main`', value =>
  /^[A-Za-z0-9][A-Za-z0-9.+~_/-]{0,99}$/.test(value) && pathFault(value) === undefined ? value : undefined,
)

export const architecture: Shape<ByteString> = text(
  'an architecture such as `amd64` (`all` comes with every one; sources are asked for by `sources: true`)',
  value =>
    /^[a-z0-9][a-z0-9-]{0,62}$/.test(value) && value !== 'all' && value !== 'source' ? value : undefined,
)

/** An architecture as dpkg names it, or as rpm does (`x86_64`, `i686`, `src`), where the format is not known yet. */
export const anyArchitecture: Shape<ByteString> = text(
  'an architecture such as `amd64` or `x86_64` (neutral packages come with every one)',
  value =>
    /^[a-z0-9][a-z0-9_-]{0,62}$/.test(value) && !['all', 'source', 'noarch'].includes(value)
      ? value
      : undefined,
)

const mostVersions = 10_000

/** How many versions; `all` is Infinity. */
export const versions: Shape<number> = {
  json: { anyOf: [{ type: 'integer', minimum: 1, maximum: mostVersions }, { const: 'all' }] },
  read: scalar(`a whole number from 1 to ${mostVersions}, or \`all\``, false, value => {
    if (value === 'all') return Number.POSITIVE_INFINITY
    return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= mostVersions
      ? (value as number)
      : undefined
  }),
}

/** So many packages, or so many of a hundred. */
export interface Amount {
  unit: 'packages' | 'percent'
  value: number
}

const mostPackages = 1_000_000
const percentage = 'a percentage such as `5%`'

/** `500`, or `5%`. */
export const amount: Shape<Amount> = {
  json: {
    anyOf: [
      { type: 'integer', minimum: 0, maximum: mostPackages },
      { type: 'string', title: percentage, pattern: '^(100|[0-9]{1,2})%$' },
    ],
  },
  read: scalar(
    `a whole number from 0 to ${mostPackages}, or ${percentage}`,
    false,
    (value): Amount | undefined => {
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= mostPackages)
        return { unit: 'packages', value }
      const [, percent] = typeof value === 'string' ? (/^(100|\d{1,2})%$/.exec(value) ?? []) : []
      return percent === undefined ? undefined : { unit: 'percent', value: Number(percent) }
    },
  ),
}

/** `*`, `?` and `[a-z]` (or `[!a-z]`) over names of binary packages; a plain name is a glob too. */
export const glob: Shape<string> = text(
  'a package name, in which `*`, `?` and `[a-z]` may stand for characters',
  value => (isGlob(value) ? value : undefined),
)

function isGlob(value: string): boolean {
  if (!/^(?:[A-Za-z0-9+.:~^_*?-]|\[!?[A-Za-z0-9+.:~_-]+\]){1,200}$/.test(value)) return false
  const ranges = [...value.matchAll(/\[!?([^\]]+)\]/g)].flatMap(([, set]) => [...set!.matchAll(/(.)-(.)/g)])
  return ranges.every(([, from, to]) => from! <= to!)
}

/** `127.0.0.1:8080`, `[::1]:8080`, `yard.example.org:80`; port 0 is any free one. */
export const listenAddress: Shape<{ host: string; port: number }> = text(
  'an address and a port such as `127.0.0.1:8080` or `[::]:8080`',
  value => {
    const [, bracketed, plain, port] =
      /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(value) ?? []
    const host = bracketed ?? plain
    if (host === undefined || Number(port) > 65_535) return undefined
    return { host, port: Number(port) }
  },
)

/** A DNS name or an address, as URLs have it but without brackets. */
export const hostName: Shape<string> = text('a DNS name or an address such as `yard.example.org`', value => {
  const isAddress = value.includes(':') && URL.canParse(`https://[${value}]`)
  const isNamed =
    /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{0,250}[a-z0-9]$/.test(value) && URL.canParse(`https://${value}`)
  return isAddress || isNamed ? value : undefined
})

const environmentVariable = text('the name of an environment variable such as `MIRROR_PASSWORD`', value =>
  /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(value) ? value : undefined,
)

const secretTable = {
  file: optional(path, 'File with the secret; white space at its end does not count.'),
  environment: optional(environmentVariable, 'Environment variable with the secret.'),
}

/** A secret by reference: `{ file: PATH }` or `{ environment: VARIABLE }`. */
export const secret: Shape<SecretSource> = mapped(
  object('`{ file: PATH }` or `{ environment: VARIABLE }`', secretTable, (fields, place, reading) => {
    const given = [fields.file, fields.environment].filter(field => field !== undefined)
    if (given.length === 1) return
    const found = given.length === 0 ? 'neither' : 'both'
    reading.report({ place, found, expected: 'one of `file` and `environment`' })
  }),
  ({ file, environment }): SecretSource =>
    file === undefined ? { kind: 'environment', variable: environment! } : { kind: 'file', path: file },
)
