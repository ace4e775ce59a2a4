import type { IncomingHttpHeaders } from 'node:http'

/** Why one attempt at one URL gave nothing. `reason` is part of a sentence ("the server answered HTTP 404") without secrets. */
export type Fault =
  /** The file is not there: the next path, then the next mirror. */
  | { kind: 'absent'; reason: string }
  /** Access is refused: the next path, then the next mirror. */
  | { kind: 'forbidden'; reason: string; hint: string }
  /** The server asks for patience, perhaps for a stated time in milliseconds: wait, then again. */
  | { kind: 'busy'; reason: string; retryAfter: number | undefined }
  /** It began and broke off: again, from where it stopped. */
  | { kind: 'broken'; reason: string }
  /** No connection. `lasting` when trying again cannot help (a certificate that does not verify). */
  | { kind: 'unreachable'; reason: string; lasting: boolean; hint: string | undefined }
  /** An answer that makes no sense (a redirect loop, a strange status): the next mirror. */
  | { kind: 'unusable'; reason: string }
  /** Other bytes than the metadata names: this mirror is not asked for this blob again. */
  | { kind: 'differs'; reason: string }

const loginHint =
  'check the credentials of this upstream (basic authentication, headers or client certificate); they are never sent on to another host after a redirect'
const certificateHint =
  "the server's certificate must name its host and come from an authority that this machine, or the upstream's own certificate authority file, trusts"
const proxyHint = 'check the user and password in the URL of the proxy'

/** What a status other than 200, 206, 304 and redirects means. `now` in milliseconds since the epoch, for Retry-After. */
export function faultOfStatus(status: number, headers: IncomingHttpHeaders, now: number): Fault {
  const reason = `the server answered HTTP ${status}`
  if (status === 404 || status === 410) return { kind: 'absent', reason }
  if (status === 401 || status === 403) return { kind: 'forbidden', reason, hint: loginHint }
  if (status === 407) return { kind: 'forbidden', reason: 'the proxy answered HTTP 407', hint: proxyHint }
  if ([408, 425, 429, 500, 502, 503, 504].includes(status))
    return { kind: 'busy', reason, retryAfter: parseRetryAfter(headers['retry-after'], now) }
  return { kind: 'unusable', reason }
}

/** Milliseconds to wait for a Retry-After of seconds or a date (RFC 9110, 10.2.3); undefined when it is neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** What a socket's or Node's error means, before (`connected` false) or after the connection stood. */
export function faultOfError(error: Error, connected: boolean, scrub: (text: string) => string): Fault {
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (code === 'ERR_PROXY_TUNNEL') return faultOfTunnel(statusCode)
  const reason = scrub(readable(error.message || code || 'the connection failed'))
  if (isAlert(code)) return { kind: 'forbidden', reason, hint: loginHint }
  if (isCertificateError(code)) return { kind: 'unreachable', reason, lasting: true, hint: certificateHint }
  if (connected) return { kind: 'broken', reason }
  return { kind: 'unreachable', reason, lasting: false, hint: undefined }
}

function faultOfTunnel(status: number | undefined): Fault {
  if (status === undefined)
    return { kind: 'unreachable', reason: 'the proxy made no tunnel', lasting: false, hint: undefined }
  const reason = `the proxy answered HTTP ${status} to CONNECT`
  if (status === 407) return { kind: 'forbidden', reason, hint: proxyHint }
  return { kind: 'unreachable', reason, lasting: false, hint: undefined }
}

/** The server did not like our certificate, or misses one; in TLS 1.3 it says so after the handshake. */
function isAlert(code: string | undefined): boolean {
  return code !== undefined && /ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code)
}

/** We do not like the server's. */
function isCertificateError(code: string | undefined): boolean {
  return code !== undefined && /CERT|SIGNATURE|ISSUER/.test(code)
}

/** Text that a stranger may have had a hand in, cut to one line. */
function readable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 200)
    .trim()
}
