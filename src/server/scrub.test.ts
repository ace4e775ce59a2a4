import { expect, it } from 'vitest'
import { createScrub, withoutTokens } from './scrub.ts'

const scrub = createScrub('/srv/my yard')

it('leaves no absolute path of this machine', () => {
  expect(scrub('cannot open /srv/my yard/catalog.sqlite: damaged')).toBe(
    'cannot open (yard)/catalog.sqlite: damaged',
  )
  expect(scrub("ENOENT: open '/etc/keys/a.gpg'")).toBe("ENOENT: open 'a.gpg'")
  expect(scrub('keyring=/usr/share/keyrings/x.gpg, (/home/me/y)')).toBe('keyring=x.gpg, (y)')
  expect(scrub('file:///srv/mirror/dists is gone')).toBe('file:(path) is gone')
})

it('leaves no secret of a token', () => {
  const token = `swyd_ci.nightly-1_${'aB3_-'.repeat(8)}xyz`
  expect(scrub(`not a name: "${token}"`)).toBe('not a name: "swyd_ci.nightly-1_(secret)"')
  expect(scrub(token.replace('swyd', 'swyh'))).toBe('swyh_ci.nightly-1_(secret)')
  expect(withoutTokens(`/api/v1/tokens/${token}/x`)).toBe('/api/v1/tokens/swyd_ci.nightly-1_(secret)/x')
})

it('leaves URLs, references and paths of repositories alone', () => {
  for (const text of [
    'https://mirror.example.org/debian/dists: 404',
    'see /api/v1/openapi.json',
    'debian@20261121T064500Z has no dists/x',
    'a / b',
  ])
    expect(scrub(text)).toBe(text)
})
