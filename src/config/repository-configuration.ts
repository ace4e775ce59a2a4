import { byteStringOfText, type Name } from '../model/index.ts'
import { defaultArchitectures } from './architectures.ts'
import type { ComposeFields, OutputFields, UploadsFields } from './compose-schema.ts'
import type {
  AptUpstream,
  ComposeConfiguration,
  DnfUpstream,
  Format,
  MirrorConfiguration,
  Output,
  RepositoryConfiguration,
  TransportConfiguration,
  UploadsConfiguration,
} from './configuration.ts'
import { firstSuiteBelow, formatOf, type Repositories } from './repositories.ts'
import type { RepositoryFields } from './schema.ts'
import type { Located } from './shape.ts'
import type { AptUpstreamFields, DnfUpstreamFields, TransportFields } from './upstream-schema.ts'
import { isFlat } from './values.ts'

/** One repository of a file without mistakes, every default filled in. `position` is `file:line` of its key. */
export function repositoryConfiguration(
  name: Name,
  repositories: Repositories,
  position: string,
): RepositoryConfiguration {
  const fields = repositories.get(name)!.value!
  if (fields.upstream !== undefined) return mirror(name, fields, position)
  return fields.uploads === undefined
    ? composition(name, fields, fields.compose!, repositories, position)
    : uploads(name, fields, fields.uploads, repositories, position)
}

function mirror(name: Name, fields: RepositoryFields, position: string): MirrorConfiguration {
  const upstream = fields.upstream!
  return {
    kind: 'mirror',
    name,
    position,
    policy: fields.policy?.value ?? 'on-demand',
    seed: valuesOf(fields.seed),
    fallback: valuesOf(fields.fallback),
    upstream: upstream.format === 'apt' ? aptUpstream(upstream) : dnfUpstream(upstream),
  }
}

function aptUpstream(fields: AptUpstreamFields): AptUpstream {
  return {
    format: 'apt',
    urls: urlsOf(fields),
    suites: valuesOf(fields.suites ?? [fields.suite!]),
    components: valuesOf(fields.components ?? []),
    architectures: valuesOf(fields.architectures),
    sources: fields.sources,
    installer: fields.installer,
    keyring: fields.keyring,
    trusted: fields.trusted ?? false,
    checkValidUntil: fields['check-valid-until'],
    transport: transport(fields),
  }
}

function dnfUpstream(fields: DnfUpstreamFields): DnfUpstream {
  const { mirrorlist, metalink } = fields
  return {
    format: 'dnf',
    urls: urlsOf(fields),
    mirrors:
      mirrorlist !== undefined
        ? { kind: 'mirrorlist', url: mirrorlist.value }
        : metalink && { kind: 'metalink', url: metalink.value },
    verify: fields.verify?.value,
    kickstart: fields.kickstart,
    keyring: fields.keyring,
    trusted: fields.trusted ?? false,
    transport: transport(fields),
  }
}

function urlsOf(fields: { url: Located<string> | undefined; urls: Located<string>[] | undefined }): string[] {
  return valuesOf(fields.urls ?? (fields.url === undefined ? [] : [fields.url]))
}

function transport(fields: TransportFields): TransportConfiguration {
  const { username, password, headers } = fields
  return {
    concurrency: fields.concurrency,
    rateLimit: fields['rate-limit'],
    attempts: fields.attempts,
    connectTimeoutSeconds: fields['connect-timeout'],
    idleTimeoutSeconds: fields['idle-timeout'],
    proxy: fields.proxy,
    basicAuth: username && password && { username: username.value, password: password.value },
    headers: [...(headers ?? [])].map(([name, { value }]) => ({ name, value: value! })),
    clientCertificate: fields['client-certificate'],
    certificateAuthority: fields['certificate-authority'],
  }
}

function composition(
  name: Name,
  fields: RepositoryFields,
  compose: ComposeFields,
  repositories: Repositories,
  position: string,
): ComposeConfiguration {
  const suite = compose.suite?.value ?? defaultSuite(name, repositories)
  const format = formatOf(name, repositories)!
  return {
    kind: 'compose',
    name,
    position,
    policy: fields.policy?.value ?? 'immediate',
    seed: valuesOf(fields.seed),
    from: valuesOf(compose.from),
    include: valuesOf(compose.include),
    exclude: valuesOf(compose.exclude),
    withDependencies: compose['with-dependencies'],
    recommends: compose.recommends,
    prefer: valuesOf(compose.prefer),
    versions: compose.versions,
    architectures: compose.architectures
      ? valuesOf(compose.architectures)
      : defaultArchitectures(name, format, repositories),
    output: output(name, compose, format, suite),
  }
}

function uploads(
  name: Name,
  fields: RepositoryFields,
  uploads: UploadsFields,
  repositories: Repositories,
  position: string,
): UploadsConfiguration {
  const { format, keyring } = uploads
  return {
    kind: 'uploads',
    name,
    position,
    policy: 'immediate',
    seed: valuesOf(fields.seed),
    keyring,
    architectures: uploads.architectures
      ? valuesOf(uploads.architectures)
      : defaultArchitectures(name, format, repositories),
    output: output(name, uploads, format, uploads.suite?.value ?? name),
  }
}

const mainComponent = byteStringOfText('main')

function output(name: Name, fields: OutputFields, format: Format, suite: string): Output {
  const compression = fields.compression === undefined ? ['gz' as const] : valuesOf(fields.compression)
  if (format === 'dnf') return { format, compression: compression[0] === 'zst' ? 'zst' : 'gz' }
  return {
    format,
    suite,
    codename: fields.codename?.value ?? suite,
    component: fields.components?.value[0]?.value ?? mainComponent,
    origin: fields.origin?.value ?? 'Switchyard',
    label: fields.label?.value ?? name,
    compression: compression.filter(each => each !== 'zst'),
    validDays: fields['valid-days']?.value,
    phasing: fields.phasing?.value ?? 'keep',
  }
}

/** A flat repository has no suite, and a suite such as `bookworm/updates` is no word: the repository's own name then. */
function defaultSuite(name: Name, repositories: Repositories): string {
  const suite = firstSuiteBelow(name, repositories)
  return suite === undefined || isFlat(suite) || suite.includes('/') ? name : suite
}

function valuesOf<T>(items: readonly Located<T>[]): T[] {
  return items.map(item => item.value)
}
