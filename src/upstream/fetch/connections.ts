import { readFile } from 'node:fs/promises'
import http from 'node:http'
import type https from 'node:https'
import type tls from 'node:tls'
import type { TransportConfiguration } from '../../config/index.ts'
import { messageOf, YardError } from '../../model/index.ts'
import type { ProxyChoice } from './proxy.ts'
import { secureHttp, secureLayer } from './secure.ts'

/** Keep-alive connections: the upstream's own, which show the client certificate, and others' after a redirect. */
export interface Connections {
  agentFor(url: URL, trusted: boolean): http.Agent
  /** Whether an https request goes through a tunnel that wants its own time limit. */
  readonly tunnels: boolean
  close(): void
}

/**
 * Makes the agents. Certificates and keys are read here, once.
 * @throws YardError `configuration` when a certificate, key or authority cannot be read or do not fit together.
 */
export async function createConnections(
  transport: TransportConfiguration,
  proxy: ProxyChoice,
  object: string,
): Promise<Connections> {
  const shared: http.AgentOptions = {
    keepAlive: true,
    maxFreeSockets: transport.concurrency,
    scheduling: 'lifo',
    proxyEnv: proxyEnvironment(proxy),
  }
  const plain = new http.Agent(shared)
  const material = await readMaterial(transport, object)
  // Hosts that an http mirror redirects to are met later, so their agent is made when it is needed.
  let own: https.Agent | undefined
  let others: https.Agent | undefined
  const agentFor = (url: URL, trusted: boolean): http.Agent => {
    if (url.protocol === 'http:') return plain
    if (trusted && material.certificate !== undefined) {
      const { Agent } = secureHttp()
      own ??= new Agent({ ...shared, secureContext: contextOf(material, object) })
      return own
    }
    const { Agent } = secureHttp()
    others ??= new Agent({
      ...shared,
      secureContext: contextOf({ ...material, certificate: undefined }, object),
    })
    return others
  }
  if (material.certificate !== undefined || material.authority !== undefined)
    agentFor(new URL('https://mirror.example.org'), true)
  return {
    agentFor,
    tunnels: proxy.https !== undefined,
    close() {
      plain.destroy()
      own?.destroy()
      others?.destroy()
    },
  }
}

interface Material {
  certificate?: { cert: Buffer; key: Buffer } | undefined
  authority?: Buffer | undefined
}

async function readMaterial(transport: TransportConfiguration, object: string): Promise<Material> {
  const { clientCertificate, certificateAuthority } = transport
  return {
    certificate: clientCertificate && {
      cert: await readPem(clientCertificate.certificate, `${object}: the client certificate`),
      key: await readPem(clientCertificate.key, `${object}: the client certificate's key`),
    },
    authority:
      certificateAuthority === undefined
        ? undefined
        : await readPem(certificateAuthority, `${object}: the certificate authority`),
  }
}

async function readPem(file: string, what: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new YardError('configuration', `${what} cannot be read: ${messageOf(error)}`)
  }
}

/** An authority of the operator's own stands in place of the system's, not beside it. */
function contextOf(material: Material, object: string): tls.SecureContext {
  try {
    return secureLayer().createSecureContext({
      ca: material.authority ?? knownAuthorities(),
      ...material.certificate,
    })
  } catch (error) {
    throw new YardError(
      'configuration',
      `${object}: the client certificate, its key or the certificate authority is not usable: ${messageOf(error)}`,
    )
  }
}

let authorities: string[] | undefined

/** Node's own list and the machine's, as apt trusts it: a company's authority is usually only in the latter. Read once a process (50 ms). */
function knownAuthorities(): string[] {
  const { getCACertificates } = secureLayer()
  authorities ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
  return authorities
}

function proxyEnvironment(proxy: ProxyChoice): NodeJS.ProcessEnv {
  return {
    ...(proxy.http === undefined ? {} : { http_proxy: proxy.http }),
    ...(proxy.https === undefined ? {} : { https_proxy: proxy.https }),
    ...(proxy.except === undefined ? {} : { no_proxy: proxy.except }),
  }
}
