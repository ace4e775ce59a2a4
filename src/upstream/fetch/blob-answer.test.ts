import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { judgeBlobAnswer } from './blob-answer.ts'

const judge = (status: number, headers: IncomingHttpHeaders, offset = 0): string =>
  judgeBlobAnswer(status, headers, { offset, size: 100 }, 0).kind

describe('judgeBlobAnswer', () => {
  it.each([
    ['the whole', 200, { 'content-length': '100' }, 0, 'body'],
    ['the whole, of unknown length', 200, {}, 0, 'body'],
    ['another length', 200, { 'content-length': '99' }, 0, 'differs'],
    ['the whole in place of a part', 200, { 'content-length': '100' }, 40, 'body'],
    ['the part asked for', 206, { 'content-range': 'bytes 40-99/100' }, 40, 'body'],
    ['less than the part asked for', 206, { 'content-range': 'bytes 40-49/*' }, 40, 'body'],
    ['another part', 206, { 'content-range': 'bytes 0-99/100' }, 40, 'no-range'],
    ['a part beyond the end', 206, { 'content-range': 'bytes 40-100/*' }, 40, 'no-range'],
    ['a part without Content-Range', 206, {}, 40, 'no-range'],
    ['a part of another file', 206, { 'content-range': 'bytes 40-99/101' }, 40, 'differs'],
    ['a part that nobody asked for', 206, { 'content-range': 'bytes 0-99/100' }, 0, 'unusable'],
    ['416 from a shorter file', 416, { 'content-range': 'bytes */30' }, 40, 'differs'],
    ['416 for no reason', 416, {}, 40, 'no-range'],
    ['a real encoding', 200, { 'content-encoding': 'gzip' }, 0, 'unusable'],
    ['a label on a .gz', 200, { 'content-encoding': 'x-gzip', 'content-length': '100' }, 0, 'body'],
    ['404', 404, {}, 0, 'absent'],
    ['410', 410, {}, 0, 'absent'],
    ['401', 401, {}, 0, 'forbidden'],
    ['407', 407, {}, 0, 'forbidden'],
    ['503', 503, {}, 0, 'busy'],
    ['418', 418, {}, 0, 'unusable'],
    ['204', 204, {}, 0, 'unusable'],
  ])('%s', (_, status, headers, offset, expected) => {
    expect(judge(status, headers, offset)).toBe(expected)
  })
})
