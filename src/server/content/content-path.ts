import {
  type ByteString,
  bytesOf,
  isName,
  isTimestamp,
  type Name,
  pathFault,
  textOfByteString,
} from '../../model/index.ts'
import type { ContentView } from '../../repository/index.ts'

/** What a URL below `/content/`, `/channels/` or `/releases/` asks for. */
export type ContentRequest =
  /** `path` is empty or ends in `/` where a directory is meant. */
  | { kind: 'tree'; repository: Name; view: ContentView; path: ByteString }
  /** `/content/REPO/`: which snapshots there are. */
  | { kind: 'repository'; repository: Name }
  /** A name that lacks its final slash. */
  | { kind: 'unfinished' }
  /** Such a URL cannot name anything. */
  | { kind: 'unknown' }
  | { kind: 'malformed'; fault: string }

/** Bytes of a URL that are looked at. */
export const maxUrlLength = 8192

/**
 * Reads the target of a request (as the HTTP parser gives it: raw, one character a byte). Percent escapes are decoded exactly once,
 * to bytes; `+` is a plus. Segments `.` and empty ones are passed over, as apt's flat repositories need (`./Packages`).
 */
export function parseContentUrl(target: string): ContentRequest {
  const query = target.indexOf('?')
  const decoded = decodePercent(query === -1 ? target : target.slice(0, query))
  if (decoded === undefined) return { kind: 'malformed', fault: 'it has a bad percent escape' }
  const [, place, ...segments] = decoded.split('/')
  if (place === 'channels') return channelRequest(segments)
  if (place === 'releases') return releaseRequest(segments)
  return contentRequest(segments)
}

function contentRequest([name, view, ...rest]: ByteString[]): ContentRequest {
  if (name === undefined || !isName(name)) return { kind: 'unknown' }
  if (view === undefined) return { kind: 'unfinished' }
  if (view === '') return rest.length === 0 ? { kind: 'repository', repository: name } : { kind: 'unknown' }
  if (view === 'latest') return treeRequest(name, { kind: 'latest' }, rest)
  if (view !== 'by-time')
    return isTimestamp(view)
      ? treeRequest(name, { kind: 'snapshot', timestamp: view }, rest)
      : { kind: 'unknown' }
  const [timestamp, ...path] = rest
  return timestamp !== undefined && isTimestamp(timestamp)
    ? treeRequest(name, { kind: 'by-time', timestamp }, path)
    : { kind: 'unknown' }
}

/** `/channels/TRAIN/CHANNEL/REPO/...` */
function channelRequest([train = '', channel = '', repository = '', ...path]: ByteString[]): ContentRequest {
  if (!isName(train) || !isName(channel) || !isName(repository)) return { kind: 'unknown' }
  return treeRequest(repository, { kind: 'channel', train, channel }, path)
}

/** `/releases/TRAIN/RELEASE/REPO/...` */
function releaseRequest([train = '', release = '', repository = '', ...path]: ByteString[]): ContentRequest {
  if (!isName(train) || !isTimestamp(release) || !isName(repository)) return { kind: 'unknown' }
  return treeRequest(repository, { kind: 'release', train, timestamp: release }, path)
}

function treeRequest(repository: Name, view: ContentView, segments: ByteString[]): ContentRequest {
  if (segments.length === 0) return { kind: 'unfinished' }
  const directory = segments.at(-1) === '' || segments.at(-1) === '.'
  const path = segments.filter(segment => segment !== '' && segment !== '.').join('/')
  if (path === '') return { kind: 'tree', repository, view, path: '' }
  const fault = pathFault(path)
  if (fault !== undefined) return { kind: 'malformed', fault }
  return { kind: 'tree', repository, view, path: directory ? `${path}/` : path }
}

/** Decodes every `%XX` once. Undefined when a `%` is not followed by two hexadecimal digits. */
export function decodePercent(text: string): ByteString | undefined {
  if (!text.includes('%')) return text
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The bytes as a path of a URL: everything but unreserved characters, `/`, `+`, `:`, `~` and `=` is escaped. */
export function encodePercent(path: ByteString): string {
  return path.replace(
    /[^A-Za-z0-9\-._~/+:=]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/** A request's target for a message: bounded, without control characters. */
export function shownTarget(target: string): string {
  const query = target.indexOf('?')
  const path = query === -1 ? target : target.slice(0, query)
  const shown = textOfByteString(path.slice(0, 1000)).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
  return bytesOf(path).length > 1000 ? `${shown}...` : shown
}
