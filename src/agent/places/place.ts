import type { Source } from '../../trust/pure.ts'
import { type Connection, connectTo } from '../host/http.ts'
import type { Limits } from '../settings.ts'
import { fileSource } from './file-source.ts'
import { httpSource } from './http-source.ts'

/** Somewhere departures lie: a server, a mirror, a bucket, a directory. All are alike: nothing that they say is believed. */
export interface Place {
  url: string
  source: Source
  close(): void
}

/** The yard's server, which hosts talk to with their certificate. */
export interface YardServer {
  /** `https://yard.example.org:8443` */
  origin: string
  connection: Connection
  /** The yard's authorities, PEM. */
  ca: string
}

/** @param url `http:`, `https:` or `file:`; a place of the yard's own server is asked over its connection. */
export function openPlace(url: string, limits: Limits, server: YardServer): Place {
  const base = new URL(url.endsWith('/') ? url : `${url}/`)
  if (base.protocol === 'file:') return { url, source: fileSource(base), close: () => {} }
  if (base.origin === server.origin)
    return { url, source: httpSource(base, server.connection), close: () => {} }
  const connection = connectTo(base, { ca: server.ca, web: true }, limits)
  return { url, source: httpSource(base, connection), close: connection.close }
}
