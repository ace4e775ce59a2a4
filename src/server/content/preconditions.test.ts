import { describe, expect, it } from 'vitest'
import { isNotModified, rangeHolds } from './preconditions.ts'

const modified = Date.UTC(2026, 10, 21, 6, 45, 0)
const identity = { etag: '"abc"', modified }
const date = (offset: number) => new Date(modified + offset).toUTCString()

describe('isNotModified', () => {
  it('answers for the very date only: neither older nor newer', () => {
    expect(isNotModified({ 'if-modified-since': date(0) }, identity)).toBe(true)
    expect(isNotModified({ 'if-modified-since': date(1000) }, identity)).toBe(false)
    expect(isNotModified({ 'if-modified-since': date(-1000) }, identity)).toBe(false)
  })

  it('reads the old forms of a date, and takes nothing else for one', () => {
    expect(isNotModified({ 'if-modified-since': 'Saturday, 21-Nov-26 06:45:00 GMT' }, identity)).toBe(true)
    for (const bad of ['', 'yesterday', String(modified), '2026-11-21T06:45:00Z'])
      expect(isNotModified({ 'if-modified-since': bad }, identity), bad).toBe(false)
  })

  it('compares tags weakly, in lists, and before the date', () => {
    for (const tags of ['"abc"', 'W/"abc"', '"x", "abc"', '*'])
      expect(isNotModified({ 'if-none-match': tags }, identity), tags).toBe(true)
    expect(isNotModified({ 'if-none-match': '"x"', 'if-modified-since': date(0) }, identity)).toBe(false)
    expect(isNotModified({ 'if-none-match': 'abc' }, identity)).toBe(false)
  })

  it('is never so without a condition', () => {
    expect(isNotModified({}, identity)).toBe(false)
  })
})

describe('rangeHolds', () => {
  it('holds without If-Range, and for the same tag or date', () => {
    expect(rangeHolds({}, identity)).toBe(true)
    expect(rangeHolds({ 'if-range': '"abc"' }, identity)).toBe(true)
    expect(rangeHolds({ 'if-range': date(0) }, identity)).toBe(true)
  })

  it('does not hold for another tag, a weak one, or another date', () => {
    for (const condition of ['"x"', 'W/"abc"', date(1000), date(-1000), 'x'])
      expect(rangeHolds({ 'if-range': condition }, identity), condition).toBe(false)
  })
})
