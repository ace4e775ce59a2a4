import { expect, it } from 'vitest'
import { directoryPage } from './directory-page.ts'

it('sorts, links and escapes whatever the names are', () => {
  const page = directoryPage('/content/<b>/', [
    { name: 'b.deb', directory: false, size: 12345 },
    { name: 'a"><script>', directory: false, size: 1 },
    { name: 'x_1%3a2', directory: false, size: 1 },
    { name: 'javascript:alert(1)', directory: false, size: 1 },
    { name: 'z', directory: true },
    { name: '\xc3\xa9', directory: true },
  ])
  expect(page).not.toMatch(/<script|<b>|href="javascript/)
  expect(page).toContain('<a href="./x_1%253a2">x_1%3a2</a>')
  expect(page).toContain('12,345')
  expect(page).toContain('<a href="./%C3%A9/">é/</a>')
  const order = [...page.matchAll(/href="([^"]*)"/g)].map(match => match[1])
  expect(order).toEqual([
    '../',
    './z/',
    './%C3%A9/',
    './a%22%3E%3Cscript%3E',
    './b.deb',
    './javascript:alert%281%29',
    './x_1%253a2',
  ])
})
