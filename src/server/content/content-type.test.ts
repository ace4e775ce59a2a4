import { expect, it } from 'vitest'
import { contentTypeOf } from './content-type.ts'

it('names what apt asks for', () => {
  expect(contentTypeOf('dists/a/InRelease')).toBe('text/plain; charset=utf-8')
  expect(contentTypeOf('dists/a/main/i18n/Translation-en')).toBe('text/plain; charset=utf-8')
  expect(contentTypeOf('pool/x_1.0_all.deb')).toBe('application/vnd.debian.binary-package')
  expect(contentTypeOf('Packages.gz')).toBe('application/gzip')
  expect(contentTypeOf('Packages.xz')).toBe('application/x-xz')
})

it('never names what a browser would run, nor a property of every object', () => {
  for (const name of [
    'a.html',
    'a.svg',
    'a.js',
    'Release.html',
    'x.constructor',
    'x.toString',
    'deb',
    'Contents-a.html',
  ])
    expect(contentTypeOf(name), name).toBe('application/octet-stream')
})
