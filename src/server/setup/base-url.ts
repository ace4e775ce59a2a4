import { YardError } from '../../model/index.ts'

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const host = new RegExp(`^(?:${label}(?:\\.${label})*\\.?|\\[[0-9A-Fa-f:.]{2,45}\\])(?::\\d{1,5})?$`)

/**
 * The URL under which a client reaches us: what the operator says, else the host that the client itself named. A Host
 * header is anybody's text and goes into files that root reads, so that only what can be a host passes.
 * @throws YardError `usage` when it cannot be one.
 */
export function baseUrl(publicUrl: string | undefined, hostHeader: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '')
  if (hostHeader === undefined || hostHeader.length > 255 || !host.test(hostHeader))
    throw new YardError('usage', 'the request has no usable Host header', {
      hint: 'ask by the name or address of this server, or start it with --public-url',
    })
  return `http://${hostHeader}`
}

/** @throws YardError `usage` when the operator's URL is none that clients can use. */
export function checkPublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url !== undefined && url.search === '' && url.hash === '' && url.username === ''
  if (plain && /^https?:$/.test(url.protocol) && /^[\x21-\x7e]+$/.test(text))
    return url.href.replace(/\/+$/, '')
  throw new YardError('usage', `not a public URL: ${JSON.stringify(text.slice(0, 200))}`, {
    hint: 'write it as https://yard.example.org, without login, query or fragment',
  })
}
