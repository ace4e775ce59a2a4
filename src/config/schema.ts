import type { SecretSource } from './configuration.ts'
import { oneOf, type Place, type Problem } from './problem.ts'
import {
  boolean,
  choice,
  defaulting,
  dictionary,
  integer,
  type JsonSchema,
  type Located,
  list,
  located,
  object,
  optional,
  type Reading,
  required,
  type Shape,
  text,
} from './shape.ts'
import * as values from './values.ts'

const { architecture, baseUrl, component, duration, glob, isFlat, name, path, size, suite } = values

const headerValue: Shape<SecretSource> = {
  json: { anyOf: [{ type: 'string' }, values.secret.json] },
  read: (node, place, reading) => {
    const target = reading.resolve(node, place)
    if (target === undefined) return undefined
    return isText(target) ? plainHeader.read(node, place, reading) : values.secret.read(node, place, reading)
  },
}

const plainHeader: Shape<SecretSource> = text(
  'the text of a header on one line',
  value => (/^[\t\x20-\x7e\x80-\xff]{1,8192}$/.test(value) ? { kind: 'plain', value } : undefined),
  { secret: true },
)

function isText(node: unknown): boolean {
  return typeof (node as { value?: unknown } | null)?.value === 'string'
}

const reservedHeaders = /^(?:host|range|if-.*|connection|content-.*|transfer-encoding|accept-encoding)$/i

const headerName = text(
  "a header's name such as `X-Api-Key`, and none that the protocol needs itself",
  value =>
    /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(value) && !reservedHeaders.test(value) ? value : undefined,
)

const clientCertificate = object('a map with `certificate` and `key`', {
  certificate: required(path, 'PEM file of the certificate, with its chain.'),
  key: required(path, 'PEM file of its private key.'),
})

/** What stands under `upstream`. */
const upstreamTable = {
  format: required(choice('apt'), 'Kind of archive.'),
  url: optional(located(baseUrl), 'Base URL of the archive, above `dists`.'),
  urls: optional(list('a list of URLs', baseUrl, { least: 1, most: 100 }), 'Mirrors of it, the best first.'),
  suite: optional(located(suite), 'Suite, or directory of a flat repository (`./` for its root).'),
  suites: optional(list('a list of suites', suite, { least: 1 }), 'Several suites of the one archive.'),
  components: optional(list('a list of components', component, { least: 1 }), 'Not for flat repositories.'),
  architectures: required(list('a list of architectures', architecture, { least: 1 }), 'As dpkg names them.'),
  sources: defaulting(boolean, false, 'Source packages too. Default: false.'),
  installer: defaulting(boolean, false, "The debian-installer's packages and images too. Default: false."),
  keyring: optional(path, 'File with the keys that must have signed, binary or armoured.'),
  trusted: optional(boolean, '`true`: go without signatures. Shown with every snapshot.'),
  'check-valid-until': defaulting(boolean, true, '`false` accepts an expired Valid-Until. Default: true.'),
  concurrency: defaulting(integer(1, 64), 8, 'Requests under way at once. Default: 8.'),
  'rate-limit': optional(size, 'Bytes a second, such as `10MB`. Default: no limit.'),
  attempts: defaulting(integer(1, 20), 4, 'Attempts per URL before the next mirror is tried. Default: 4.'),
  'connect-timeout': defaulting(values.timeout, 10, 'Default: 10s.'),
  'idle-timeout': defaulting(values.timeout, 30, 'Longest wait for the next byte. Default: 30s.'),
  proxy: optional(values.proxy, "Proxy, or `none`. Default: the environment's, then apt's."),
  username: optional(
    located(text('a user name', value => (/^[^:\p{Cc}]{1,200}$/u.test(value) ? value : undefined))),
    'For HTTP basic authentication.',
  ),
  password: optional(located(values.secret), '`{ file: PATH }` or `{ environment: VARIABLE }`.'),
  headers: optional(
    dictionary('a map of headers', 100, headerName, headerValue),
    'Sent with every request. Values: text, `{ file: PATH }` or `{ environment: VARIABLE }`.',
  ),
  'client-certificate': optional(clientCertificate, 'For TLS client authentication.'),
  'certificate-authority': optional(path, "PEM file that verifies the server. Default: the system's."),
}

const upstream = object('a map that describes an archive', upstreamTable, (fields, place, reading) => {
  exactlyOne(['url', 'urls'], fields, place, reading)
  exactlyOne(['suite', 'suites'], fields, place, reading)
  checkTrust(fields, place, reading)
  checkComponents(fields, place, reading)
  checkHeaders(fields.headers ?? new Map(), reading)
  const { username, password } = fields
  if (username !== undefined && password === undefined)
    reading.report({ place: username.place, found: 'no `password`', expected: 'one beside the `username`' })
  if (password !== undefined && username === undefined)
    reading.report({ place: password.place, found: 'no `username`', expected: 'one beside the `password`' })
})

function exactlyOne(
  keys: [string, string],
  fields: Record<string, unknown>,
  place: Place,
  reading: Reading,
): void {
  const given = keys.filter(key => fields[key] !== undefined)
  if (given.length === 1) return
  const found = given.length === 0 ? `no ${oneOf(keys)}` : keys.map(key => `\`${key}\``).join(' and ')
  reading.report({ place, found, expected: given.length === 0 ? 'one of them' : 'only one of them' })
}

function checkTrust(
  fields: { keyring: string | undefined; trusted: boolean | undefined },
  place: Place,
  reading: Reading,
): void {
  if (fields.keyring !== undefined && fields.trusted === true)
    reading.report({ place, found: '`keyring` and `trusted: true`', expected: 'only one of them' })
  if (fields.keyring === undefined && fields.trusted !== true)
    reading.report({
      place,
      found: 'no `keyring`',
      expected: 'the file with the keys that sign this archive',
      advice: 'to go without signatures, spell out `trusted: true`',
    })
}

function checkComponents(
  fields: {
    suite: Located<string> | undefined
    suites: Located<string>[] | undefined
    components: Located<string>[] | undefined
  },
  place: Place,
  reading: Reading,
): void {
  const suites = fields.suites ?? (fields.suite === undefined ? [] : [fields.suite])
  const flat = suites.find(one => isFlat(one.value))
  const structured = suites.find(one => !isFlat(one.value))
  const report = (problem: Omit<Problem, 'place'>, at = place) => reading.report({ place: at, ...problem })
  if (flat !== undefined && structured !== undefined)
    report(
      { found: 'flat directories beside suites', expected: 'only one kind in one repository' },
      flat.place,
    )
  else if (flat !== undefined && fields.components !== undefined)
    report({ found: '`components` with a flat directory', expected: 'none: a flat repository has none' })
  else if (structured !== undefined && fields.components === undefined)
    report({ found: 'no `components`', expected: 'a list of components such as `[main]`' })
}

/** Header names differ by more than case (RFC 9110, 5.1). */
function checkHeaders(headers: Map<string, Located<unknown>>, reading: Reading): void {
  const seen = new Set<string>()
  for (const [header, { place }] of headers) {
    if (seen.has(header.toLowerCase()))
      reading.report({ place, found: 'this header a second time, in other letters', expected: 'it once' })
    seen.add(header.toLowerCase())
  }
}

/** What stands under `compose`. */
const composeTable = {
  from: required(list('a list of repositories', name, { least: 1, most: 100 }), 'Its inputs.'),
  prefer: defaulting(
    list('a list of repositories', name),
    [],
    'Inputs whose packages win over those of others, whatever the version. Default: none.',
  ),
  include: defaulting(list('a list of packages', glob), [], 'Globs over package names. Default: everything.'),
  exclude: defaulting(list('a list of packages', glob), [], 'Globs over package names. Default: nothing.'),
  'with-dependencies': defaulting(boolean, false, 'What the included ones depend on, too. Default: false.'),
  recommends: defaulting(boolean, false, 'What they recommend, too. Default: false.'),
  'newest-only': defaulting(boolean, true, 'Only the best version of each package. Default: true.'),
  suite: optional(values.releaseWord, "Default: the first input's first suite."),
  codename: optional(values.releaseWord, 'Default: as `suite`.'),
  components: optional(list('a list of components', component, { least: 1, most: 1 }), 'Default: `[main]`.'),
  origin: defaulting(values.releaseLine, 'Switchyard', 'Default: Switchyard.'),
  label: optional(values.releaseLine, "Default: the repository's name."),
  architectures: optional(
    list('a list of architectures', architecture, { least: 1 }),
    "Default: its inputs' together.",
  ),
  compression: optional(
    list('a list of compressions', choice('gz', 'xz'), { least: 1 }),
    'Of the indexes. Default: `[gz]`.',
  ),
  phasing: defaulting(choice('keep', 'strip'), 'keep', 'Fields of phased updates. Default: keep.'),
  'valid-days': optional(integer(1, 3650), 'Days until it expires. Default: never.'),
}

const compose = object('a map that describes a composition', composeTable, (fields, place, reading) => {
  if (fields.recommends && !fields['with-dependencies'])
    reading.report({ place, found: '`recommends` alone', expected: '`with-dependencies: true` beside it' })
})

const repositoryTable = {
  upstream: optional(upstream, 'An archive that somebody else changes: it is mirrored.'),
  compose: optional(compose, 'Other repositories that this one is put together from.'),
  policy: optional(
    choice('on-demand', 'immediate'),
    'When package files are fetched: at the first request, or before the snapshot exists. Default: on-demand for an upstream, immediate for a composition.',
  ),
  seed: defaulting(list('a list of directories', path), [], 'Existing mirrors from which files are taken.'),
  fallback: defaulting(
    list('a list of URLs', baseUrl),
    [],
    'Archives that are asked, without its credentials, for files that the upstream has lost.',
  ),
}

const repository = object('a map with `upstream` or `compose`', repositoryTable, (fields, place, reading) => {
  exactlyOne(['upstream', 'compose'], fields, place, reading)
  const lone = fields.fallback[0]
  if (fields.compose !== undefined && lone !== undefined)
    reading.report({
      place: lone.place,
      found: '`fallback` with `compose`',
      expected: 'it only with `upstream`',
    })
})

const userId = text('a name and address such as `Web team <web@example.org>`', value =>
  /^[^\p{Cc}\s][^\p{Cc}]{2,199}$/u.test(value) ? value : undefined,
)

/** The whole file. Every key's default, type and documentation stands in these tables and nowhere else. */
export const fileShape = object('a map with the key `repositories`', {
  repositories: required(
    dictionary('a map of repositories', 1000, name, repository),
    'Our lines of snapshots.',
  ),
  server: optional(
    object('a map', {
      listen: optional(values.listenAddress, 'Address and port. Default: 127.0.0.1:8080.'),
    }),
    'The server.',
  ),
  keys: optional(
    object('a map', {
      algorithm: defaulting(choice('rsa4096', 'ed25519'), 'rsa4096', 'Default: rsa4096.'),
      'user-id': optional(userId, 'Default: `Switchyard <switchyard@localhost>`.'),
    }),
    'The key that the yard makes for itself and signs with.',
  ),
  latest: optional(
    object('a map', {
      keep: defaulting(duration, 7 * 86_400, 'How long replaced snapshots are still answered. Default: 7d.'),
      'keep-at-least': defaulting(integer(0, 1000), 3, 'How many of them at least. Default: 3.'),
    }),
    'What `/content/REPO/latest/` answers.',
  ),
  database: optional(
    object('a map', { url: required(values.databaseUrl, 'A PostgreSQL database.') }),
    'Default: a SQLite file in the yard.',
  ),
})

/** The value of a shape. */
type Of<S> = S extends Shape<infer T> ? T : never
export type FileFields = Of<typeof fileShape>
export type RepositoryFields = Of<typeof repository>
export type UpstreamFields = Of<typeof upstream>
export type ComposeFields = Of<typeof compose>

/** The JSON Schema (2020-12) of `switchyard.yaml`, for editors. */
export function jsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'switchyard.yaml',
    ...fileShape.json,
  }
}
