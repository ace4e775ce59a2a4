import type https from 'node:https'
import type tls from 'node:tls'

/** node:https and node:tls, loaded by the first use: an upstream of plain http, as most of apt's are, has none. */
export function secureHttp(): typeof https {
  return process.getBuiltinModule('node:https')
}

export function secureLayer(): typeof tls {
  return process.getBuiltinModule('node:tls')
}
