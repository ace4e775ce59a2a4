import type { IncomingHttpHeaders } from 'node:http'
import { type Fault, faultOfStatus } from './fault.ts'

/** What to do with the answer to a request for a blob. */
export type BlobAnswer =
  /** Read the body, passing over its first `skip` bytes (a server that ignored our Range begins at 0). */
  | { kind: 'body'; skip: number }
  /** This server cannot continue where we stopped: ask for the whole. */
  | { kind: 'no-range'; reason: string }
  | Fault

/**
 * Judges status and headers (RFC 9110, 14 and 15) against what the metadata announced, before a byte of the body is read.
 * `offset` is where our Range began, 0 when there was none; `size` the announced size.
 */
export function judgeBlobAnswer(
  status: number,
  headers: IncomingHttpHeaders,
  wanted: { offset: number; size: number },
  now: number,
): BlobAnswer {
  if (status === 200) return judgeWhole(headers, wanted)
  if (status === 206) return judgePart(headers, wanted)
  if (status === 416 && wanted.offset > 0) return judgeUnsatisfied(headers, wanted)
  return faultOfStatus(status, headers, now)
}

function judgeWhole(headers: IncomingHttpHeaders, wanted: { offset: number; size: number }): BlobAnswer {
  const length = headers['content-length']
  if (length !== undefined && Number(length) !== wanted.size) return otherSize(Number(length), wanted.size)
  if (length === undefined && isEncoded(headers)) return encoded(headers)
  return { kind: 'body', skip: wanted.offset }
}

function judgePart(headers: IncomingHttpHeaders, wanted: { offset: number; size: number }): BlobAnswer {
  if (wanted.offset === 0)
    return { kind: 'unusable', reason: 'the server answered with a part that nobody asked for' }
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers['content-range'] ?? '')
  if (match === null || Number(match[1]) !== wanted.offset || Number(match[2]) >= wanted.size)
    return { kind: 'no-range', reason: 'the server answered with another range than asked for' }
  if (match[3] !== '*' && Number(match[3]) !== wanted.size) return otherSize(Number(match[3]), wanted.size)
  return { kind: 'body', skip: 0 }
}

function judgeUnsatisfied(headers: IncomingHttpHeaders, wanted: { size: number }): BlobAnswer {
  const total = /^bytes \*\/(\d{1,15})$/.exec(headers['content-range'] ?? '')?.[1]
  if (total !== undefined && Number(total) !== wanted.size) return otherSize(Number(total), wanted.size)
  return { kind: 'no-range', reason: 'the server answered HTTP 416 to a valid range' }
}

function otherSize(found: number, wanted: number): Fault {
  return { kind: 'differs', reason: `it has ${found} bytes, the metadata says ${wanted}` }
}

/** A `.gz` that a server labels as gzip-encoded is sent as it is, with its own length; only a real encoding has none. */
function isEncoded(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['content-encoding']
  return encoding !== undefined && encoding !== '' && encoding !== 'identity'
}

function encoded(headers: IncomingHttpHeaders): Fault {
  const encoding = JSON.stringify(headers['content-encoding']?.slice(0, 40))
  return { kind: 'unusable', reason: `the server encoded the body as ${encoding} though asked not to` }
}
