import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entriesBetween, parseChangelog } from './changelog.ts'

const changelog = `tool (2.0-1) unstable; urgency=medium

  [ Ægir ]
  * New upstream release. (Closes: #1)

 -- Ægir <aegir@example.org>  Mon, 03 Nov 2025 10:00:00 +0000

tool (1:1.5~rc1-2) stable-security experimental; urgency=HIGH, binary-only=yes

  * Fix a hole.

 -- Somebody <somebody@example.org>  Sun, 02 Nov 2025 10:00:00 +0000

tool (1.0-1) unstable; urgency=low

  * First. tool (0.9) unstable; urgency=low is no heading here.

 -- Somebody <somebody@example.org>  Sat, 01 Nov 2025 10:00:00 +0000

Local variables:
mode: debian-changelog
`

describe('parseChangelog', () => {
  it('gives version, distribution, urgency and text of every entry', () => {
    const entries = parseChangelog(Buffer.from(changelog))
    expect(entries.map(({ version, distribution, urgency }) => [version, distribution, urgency])).toEqual([
      ['2.0-1', 'unstable', 'medium'],
      ['1:1.5~rc1-2', 'stable-security experimental', 'high'],
      ['1.0-1', 'unstable', 'low'],
    ])
    expect(entries[0]!.text).toBe(changelog.slice(0, changelog.indexOf('\n\ntool (1:')))
    expect(entries[2]!.text.endsWith('+0000')).toBe(true)
  })

  it('sees the entries that dpkg-parsechangelog sees', () => {
    const fields = execFileSync('dpkg-parsechangelog', ['--all', '--format', 'rfc822', '-l', '-'], {
      input: changelog,
      encoding: 'utf8',
    })
    const theirs = [...fields.matchAll(/^Version: (.*)$/gm)].map(match => match[1])
    expect(parseChangelog(Buffer.from(changelog)).map(({ version }) => version)).toEqual(theirs)
  })

  it('makes something of any bytes, and of a line of megabytes, at once', () => {
    fc.assert(fc.property(fc.uint8Array(), bytes => Array.isArray(parseChangelog(bytes))))
    expect(parseChangelog(Buffer.from(`a (1)${' a'.repeat(1_000_000)}`))).toEqual([])
  })
})

describe('entriesBetween', () => {
  const entries = parseChangelog(Buffer.from(changelog)).map((entry, i) => ({
    ...entry,
    version: `${3 - i}`,
  }))
  const compare = (a: string, b: string) => Number(a) - Number(b)

  it('gives what is newer than the old version, up to the new one', () => {
    expect(entriesBetween(entries, '1', '2', compare).map(({ version }) => version)).toEqual(['2'])
    expect(entriesBetween(entries, '1', '3', compare).map(({ version }) => version)).toEqual(['3', '2'])
    expect(entriesBetween(entries, '0', '9', compare)).toHaveLength(3)
  })

  it('gives nothing on the way back', () => {
    expect(entriesBetween(entries, '3', '1', compare)).toEqual([])
  })
})
