import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { TransportConfiguration } from '../../config/index.ts'
import { YardError } from '../../model/index.ts'
import { basicAuthorization, type Mirror } from './mirror.ts'
import { readSecret } from './secrets.ts'

/** What is sent to the upstream's own URLs, and to nobody else. */
export interface Credentials {
  /** Headers for one mirror. */
  headersFor(mirror: Mirror): { [name: string]: string }
  /** Every secret value, for scrubbing messages. */
  secrets: string[]
}

/** Headers that belong to the fetching itself. */
const ownHeaders =
  /^(host|range|connection|content-length|transfer-encoding|accept-encoding|te|upgrade|expect|if-.*)$/i

/**
 * Reads every secret of a transport once. A login in a mirror's own URL goes to that mirror alone, `basicAuth` to the others.
 * @throws YardError `configuration` when a secret is missing or a header cannot be sent; never with the value.
 */
export async function readCredentials(
  transport: TransportConfiguration,
  mirrors: readonly Mirror[],
  environment: NodeJS.ProcessEnv,
  object: string,
): Promise<Credentials> {
  const shared = await readHeaders(transport, environment, object)
  const login = await readLogin(transport, environment, object)
  const authorizationOf = (mirror: Mirror): string | undefined => {
    const own = mirror.login ?? login
    return own && basicAuthorization(own)
  }
  const logins = [...mirrors.flatMap(mirror => mirror.login ?? []), ...(login ? [login] : [])]
  return {
    headersFor(mirror) {
      const authorization = authorizationOf(mirror)
      return authorization === undefined ? shared : { ...shared, Authorization: authorization }
    },
    secrets: [
      ...Object.values(shared),
      ...logins.flatMap(each => [each.password, `${each.username}:${each.password}`]),
    ],
  }
}

async function readHeaders(
  transport: TransportConfiguration,
  environment: NodeJS.ProcessEnv,
  object: string,
): Promise<{ [name: string]: string }> {
  const headers: { [name: string]: string } = {}
  for (const { name, value } of transport.headers) {
    const what = `${object}: the header ${JSON.stringify(name)}`
    if (ownHeaders.test(name)) throw new YardError('configuration', `${what} is set by Switchyard itself`)
    headers[name] = checkHeader(name, await readSecret(value, environment, what), what)
  }
  return headers
}

function checkHeader(name: string, value: string, what: string): string {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return value
  } catch {
    throw new YardError('configuration', `${what} has a name or value that cannot be sent in HTTP`, {
      hint: 'a value is one line of printable characters',
    })
  }
}

async function readLogin(
  transport: TransportConfiguration,
  environment: NodeJS.ProcessEnv,
  object: string,
): Promise<Mirror['login']> {
  const { basicAuth } = transport
  if (basicAuth === undefined) return undefined
  const password = await readSecret(
    basicAuth.password,
    environment,
    `${object}: the password of basic authentication`,
  )
  return { username: basicAuth.username, password }
}
