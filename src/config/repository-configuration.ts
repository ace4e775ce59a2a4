import type { Name } from '../model/index.ts'
import type {
  AptUpstream,
  ComposeConfiguration,
  MirrorConfiguration,
  RepositoryConfiguration,
  TransportConfiguration,
} from './configuration.ts'
import { architecturesOf, firstSuiteBelow, type Repositories } from './cross-checks.ts'
import type { ComposeFields, RepositoryFields, UpstreamFields } from './schema.ts'
import type { Located } from './shape.ts'
import { isFlat } from './values.ts'

/** One repository of a file without mistakes, every default filled in. `position` is `file:line` of its key. */
export function repositoryConfiguration(
  name: Name,
  repositories: Repositories,
  position: string,
): RepositoryConfiguration {
  const fields = repositories.get(name)!.value!
  return fields.upstream === undefined
    ? composition(name, fields, fields.compose!, repositories, position)
    : mirror(name, fields, fields.upstream, position)
}

function mirror(
  name: Name,
  fields: RepositoryFields,
  upstream: UpstreamFields,
  position: string,
): MirrorConfiguration {
  return {
    kind: 'mirror',
    name,
    position,
    policy: fields.policy ?? 'on-demand',
    seed: valuesOf(fields.seed),
    fallback: valuesOf(fields.fallback),
    upstream: aptUpstream(upstream),
  }
}

function aptUpstream(fields: UpstreamFields): AptUpstream {
  return {
    format: fields.format,
    urls: valuesOf(fields.urls ?? [fields.url!]),
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

function transport(fields: UpstreamFields): TransportConfiguration {
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
  const suite = compose.suite ?? defaultSuite(name, repositories)
  return {
    kind: 'compose',
    name,
    position,
    policy: fields.policy ?? 'immediate',
    seed: valuesOf(fields.seed),
    from: valuesOf(compose.from),
    include: valuesOf(compose.include),
    exclude: valuesOf(compose.exclude),
    withDependencies: compose['with-dependencies'],
    recommends: compose.recommends,
    prefer: valuesOf(compose.prefer),
    newestOnly: compose['newest-only'],
    architectures: compose.architectures
      ? valuesOf(compose.architectures)
      : architecturesOf(name, repositories)!,
    suite,
    codename: compose.codename ?? suite,
    component: compose.components?.[0]?.value ?? 'main',
    origin: compose.origin,
    label: compose.label ?? name,
    compression: compose.compression === undefined ? ['gz'] : valuesOf(compose.compression),
    validDays: compose['valid-days'],
    phasing: compose.phasing,
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
