import { expect, it } from 'vitest'
import type { SuiteRecord } from '../../model/index.ts'
import { type AptSuite, followText, sourcesListText } from './apt-texts.ts'

const suiteOf = (more: Partial<SuiteRecord>, rest: Partial<AptSuite> = {}): AptSuite => ({
  suite: {
    directory: 'dists/stable',
    suite: 'stable',
    origin: 'Example',
    label: 'Example',
    codename: 'stable',
    date: '20261121T064500Z' as SuiteRecord['date'],
    components: ['main', 'contrib'],
    architectures: ['amd64'],
    trust: { kind: 'trusted' },
    ...more,
  },
  url: 'http://127.0.0.1:8080/releases/web/T/debian',
  keyring: '/etc/keys/debian.asc',
  notAutomatic: false,
  ...rest,
})

it('points apt at suites and flat repositories, with their keys or without', () => {
  const flat = suiteOf({ suite: './', components: [] }, { keyring: undefined })
  expect(sourcesListText([suiteOf({}), flat])).toBe(
    `deb [signed-by=/etc/keys/debian.asc check-valid-until=no] http://127.0.0.1:8080/releases/web/T/debian/ stable main contrib
deb [trusted=yes check-valid-until=no] http://127.0.0.1:8080/releases/web/T/debian/ ./
`,
  )
})

it('has apt follow each suite backwards too, but none whose packages are only taken when somebody asks', () => {
  const backports = suiteOf({ codename: 'stable-backports' }, { notAutomatic: true })
  const odd = suiteOf({ origin: 'a, b', label: '', codename: '' })
  expect(followText([suiteOf({}), suiteOf({ suite: 'same' }), backports, odd])).toBe(`Package: *
Pin: release o=Example,l=Example,n=stable
Pin-Priority: 1001

Package: *
Pin: origin "127.0.0.1"
Pin-Priority: 1001
`)
})
