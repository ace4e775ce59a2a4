import { byKey, shortOrLong } from './alternatives.ts'
import type { SecretSource } from './configuration.ts'
import { dictionary } from './dictionary.ts'
import { exactlyOne } from './exactly-one.ts'
import { defaulting, object, optional, required } from './object.ts'
import type { Place, Problem } from './problem.ts'
import {
  boolean,
  choice,
  integer,
  type Located,
  list,
  located,
  type Reading,
  type Shape,
  text,
} from './shape.ts'
import * as values from './values.ts'

const { architecture, baseUrl, component, isFlat, path, size, suite } = values

const plainHeader: Shape<SecretSource> = text(
  'the text of a header on one line',
  value => (/^[\t\x20-\x7e\x80-\xff]{1,8192}$/.test(value) ? { kind: 'plain', value } : undefined),
  { secret: true },
)

const headerValue = shortOrLong(plainHeader, values.secret)

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

/** How any upstream is reached. */
const transportTable = {
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

const urlTable = {
  url: optional(located(baseUrl), 'Base URL: the directory above `dists` or `repodata`.'),
  urls: optional(list('a list of URLs', baseUrl, { least: 1, most: 100 }), 'Mirrors of it, the best first.'),
}

const trusted = optional(boolean, '`true`: go without any proof. Shown with every snapshot.')

const aptTable = {
  format: required(choice('apt'), 'An archive for apt.'),
  ...urlTable,
  suite: optional(located(suite), 'Suite, or directory of a flat repository (`./` for its root).'),
  suites: optional(list('a list of suites', suite, { least: 1 }), 'Several suites of the one archive.'),
  components: optional(list('a list of components', component, { least: 1 }), 'Not for flat repositories.'),
  architectures: required(list('a list of architectures', architecture, { least: 1 }), 'As dpkg names them.'),
  sources: defaulting(boolean, false, 'Source packages too. Default: false.'),
  installer: defaulting(boolean, false, "The debian-installer's packages and images too. Default: false."),
  keyring: optional(path, 'File with the keys that must have signed Release, binary or armoured.'),
  trusted,
  'check-valid-until': defaulting(boolean, true, '`false` accepts an expired Valid-Until. Default: true.'),
  ...transportTable,
}

const dnfTable = {
  format: required(choice('dnf'), 'A repository for dnf, yum or zypper.'),
  ...urlTable,
  mirrorlist: optional(located(values.listUrl), 'URL of a list of its mirrors.'),
  metalink: optional(located(values.listUrl), 'URL of a metalink: a list of its mirrors with checksums.'),
  verify: optional(
    located(choice('metadata', 'metalink', 'packages')),
    "What vouches for it: a signature of repomd.xml, the metalink's checksum of it, or each package's own signature.",
  ),
  keyring: optional(
    path,
    'File with the keys that must have signed, binary or armoured: repomd.xml with `verify: metadata`, each package with `verify: packages`, and beside `verify: metalink` each package too.',
  ),
  trusted,
  kickstart: defaulting(
    boolean,
    false,
    'The installation tree too (.treeinfo and what it names), which nobody signs. Default: false.',
  ),
  ...transportTable,
}

const apt = object('a map that describes an archive', aptTable, (fields, place, reading) => {
  exactlyOne(['url', 'urls'], fields, place, reading)
  exactlyOne(['suite', 'suites'], fields, place, reading)
  checkTrust(fields, place, reading)
  checkComponents(fields, place, reading)
  checkTransport(fields, place, reading)
})

const dnf = object('a map that describes a repository', dnfTable, (fields, place, reading) => {
  exactlyOne(['url', 'urls', 'mirrorlist', 'metalink'], fields, place, reading)
  checkVerify(fields, place, reading)
  checkTransport(fields, place, reading)
})

/** What stands under `upstream`. */
export const upstream = byKey('a map that describes an upstream', 'format', { apt, dnf })

type Of<S> = S extends Shape<infer T> ? T : never
export type AptUpstreamFields = Of<typeof apt>
export type DnfUpstreamFields = Of<typeof dnf>
export type TransportFields = Pick<AptUpstreamFields, keyof typeof transportTable>

/** What vouches must be there: keys for signatures, a metalink over TLS for its checksums. */
function checkVerify(fields: DnfUpstreamFields, place: Place, reading: Reading): void {
  const { verify, trusted, keyring, metalink } = fields
  if (trusted === true) {
    const other = verify === undefined ? keyring && 'keyring' : 'verify'
    if (other !== undefined)
      reading.report({ place, found: `\`${other}\` and \`trusted: true\``, expected: 'only one of them' })
    return
  }
  if (verify === undefined) {
    reading.report({
      place,
      found: 'no `verify`',
      expected: '`metadata`, `metalink` or `packages`',
      advice: 'to go without any proof, spell out `trusted: true`',
    })
    return
  }
  const report = (problem: Omit<Problem, 'place'>) => reading.report({ place: verify.place, ...problem })
  const written = `\`verify: ${verify.value}\``
  if (verify.value !== 'metalink') {
    if (keyring !== undefined) return
    const signed = verify.value === 'metadata' ? 'repomd.xml' : 'its packages'
    report({
      found: `${written} without \`keyring\``,
      expected: `beside it the file with the keys that sign ${signed}`,
    })
    return
  }
  if (metalink === undefined)
    report({ found: `${written} without \`metalink\``, expected: 'its https URL beside it' })
  else if (!metalink.value.startsWith('https:'))
    reading.report({
      place: metalink.place,
      found: `a URL without TLS with ${written}`,
      expected: 'an https URL: what it says is all that is trusted',
    })
}

function checkTransport(fields: TransportFields, _place: Place, reading: Reading): void {
  checkHeaders(fields.headers ?? new Map(), reading)
  const { username, password } = fields
  if (username !== undefined && password === undefined)
    reading.report({ place: username.place, found: 'no `password`', expected: 'one beside the `username`' })
  if (password !== undefined && username === undefined)
    reading.report({ place: password.place, found: 'no `username`', expected: 'one beside the `password`' })
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
