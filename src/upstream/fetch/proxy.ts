import { YardError } from '../../model/index.ts'
import { decoded } from './mirror.ts'

/** Which proxy requests go through: what Node's Agent takes as `proxyEnv`, and passwords in it, to be scrubbed. */
export interface ProxyChoice {
  http: string | undefined
  https: string | undefined
  /** Comma-separated hosts that are asked directly, as in `no_proxy`. */
  except: string | undefined
  secrets: string[]
}

/** What apt's own configuration says (apt.conf(5), apt-transport-http(1)). */
export interface AptProxy {
  http: string | undefined
  https: string | undefined
  /** Hosts that apt asks directly (`Acquire::http::Proxy::HOST "DIRECT"`). */
  direct: string[]
}

const noProxy: ProxyChoice = { http: undefined, https: undefined, except: undefined, secrets: [] }

/**
 * The configured proxy; else the environment's; else apt's. `none` means none, and apt is asked only when the environment is
 * silent. A configured proxy is used for every host; loopback addresses never go through apt's.
 * @throws YardError `configuration` when a proxy is not an http or https URL; the message does not repeat it.
 */
export async function chooseProxy(
  configured: string | undefined,
  environment: NodeJS.ProcessEnv,
  askApt: () => Promise<AptProxy | undefined>,
  object: string,
): Promise<ProxyChoice> {
  if (configured === 'none') return noProxy
  if (configured !== undefined)
    return choice(configured, configured, undefined, `${object}: the configured proxy`)
  const variable = (name: string): string | undefined =>
    environment[name] || environment[name.toUpperCase()] || undefined
  const http = variable('http_proxy') ?? variable('all_proxy')
  const https = variable('https_proxy') ?? variable('all_proxy')
  if (http !== undefined || https !== undefined)
    return choice(http, https, variable('no_proxy'), `${object}: the proxy in the environment`)
  const apt = await askApt()
  if (apt === undefined) return noProxy
  const except = ['localhost', '127.0.0.1', '[::1]', '::1', ...apt.direct].join(',')
  return choice(apt.http, apt.https, except, `${object}: the proxy in apt's configuration`)
}

function choice(
  http: string | undefined,
  https: string | undefined,
  except: string | undefined,
  where: string,
): ProxyChoice {
  const urls = { http: proxyUrl(http, where), https: proxyUrl(https, where) }
  const known = [urls.http, urls.https].filter(url => url !== undefined)
  return { http: urls.http?.href, https: urls.https?.href, except, secrets: known.flatMap(secretsOf) }
}

/** `host:3128` without a scheme is accepted, as curl does. */
function proxyUrl(text: string | undefined, where: string): URL | undefined {
  if (text === undefined) return undefined
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new YardError('configuration', `${where} is not an http or https URL`, {
    hint: 'write http://proxy.example.org:3128, or `none` to go without',
  })
}

function secretsOf(url: URL): string[] {
  if (url.password === '') return []
  const login = `${decoded(url.username)}:${decoded(url.password)}`
  return [url.password, decoded(url.password), login]
}
