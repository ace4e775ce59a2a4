import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../../store/index.ts'
import { readStatement } from './statement.ts'

const { refs } = openMemoryStore()
await refs.write('departures/metadata/timestamp.json', 'now')
await refs.write('departures/targets/channels/web/abc.production.json', 'here')
await refs.write('departures/halt/latest.json', 'stop')
await refs.write('departures/revoked.crl', 'gone')
await refs.write('departures/staged/channel_web_production.json', 'not yet')
await refs.write('audit-head.json', 'ours')

describe('what hosts read', () => {
  it.each([
    ['metadata/timestamp.json', 'now'],
    ['targets/channels/web/abc.production.json', 'here'],
    ['halt/latest.json', 'stop'],
    ['revoked.crl', 'gone'],
  ])('is %s', async (path, text) => expect(await readStatement(refs, path)).toBe(text))

  it.each([
    'staged/channel_web_production.json',
    'metadata/../staged/channel_web_production.json',
    'metadata/../../audit-head.json',
    '../audit-head.json',
    'metadata',
    'metadata/',
    'metadata//timestamp.json',
    'revoked.crl/x',
    'metadata/\u00e9.json',
    'metadata/\0',
    '',
    `metadata/${'a'.repeat(300)}`,
    'metadata/2.root.json',
  ])('is not %j', async path => expect(await readStatement(refs, path)).toBeUndefined())
})
