import { describe, expect, it } from 'vitest'
import { byteStringOfText } from '../../model/index.ts'
import { changelogText, newerEntries } from './rpm-changelog-text.ts'

const day = 86_400
const entry = (date: number, author: string, text = '- Text.') => ({ date: date * day, author, text })
const nobody = 'Nobody <nobody@example.org>'

describe('newer entries of a changelog', () => {
  it('are those that the older self had not, newest first, whatever the order of the document', () => {
    const old = [entry(1, nobody), entry(2, nobody)]
    const newer = [entry(3, nobody), entry(4, nobody)]
    expect(newerEntries(old, [...old, ...newer], '1-1')).toEqual(newer.toReversed())
    expect(newerEntries(old, [...newer, ...old].toReversed(), '1-1')).toEqual(newer.toReversed())
    expect(newerEntries(old, old, '1-1')).toEqual([])
  })

  it.each([
    [`${nobody} - 1.2-3`, '1.2-3.fc41', false],
    [`${nobody} - 1.2-4`, '1.2-3.fc41', true],
    [`${nobody} 1.2-3`, '1.2-3', false],
    [`${nobody} - 1.3`, '1.2-3', true],
    [`${nobody} - 1.2`, '1.2-3', false],
    [`${nobody} [5.14.0-70.el9]`, '5.14.0-70.el9', false],
    [`${nobody} [5.14.0-71.el9]`, '5.14.0-70.el9', true],
    [`${nobody} - 2:1.2-3`, '2:1.2-3', false],
    [`${nobody} - 1.2-3`, '2:1.2-3', false],
    [`${nobody} - 3:1.0-1`, '2:1.2-3', true],
    [nobody, '1.2-3', true],
    ['nobody@example.org', '1.2-3', true],
  ])('%j is news after %s: %s', (author, version, isNews) => {
    expect(newerEntries([], [entry(1, author)], version)).toHaveLength(isNews ? 1 : 0)
  })
})

it('entries are written as rpm prints them', () => {
  const text = changelogText([
    entry(20_760, byteStringOfText('Zoë <zoe@example.org> - 2-1'), '- Second.\n'),
    entry(9, nobody, byteStringOfText('- Első.')),
  ])
  expect(text).toBe(
    '* Tue Nov 03 2026 Zoë <zoe@example.org> - 2-1\n- Second.\n\n* Sat Jan 10 1970 Nobody <nobody@example.org>\n- Első.\n',
  )
})
