import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { addDeparturesRoutes } from './departures-routes.ts'
import { addErrorAnswers } from './error-answer.ts'

const app = Fastify()
addErrorAnswers(app, message => message)
addDeparturesRoutes(app, {
  statement: async path => (path.includes('missing') ? undefined : `the text of ${path}`),
})
const get = (path: string, headers: { [name: string]: string } = {}) =>
  app.inject({ method: 'GET', url: `/departures/${path}`, headers })
const immutable = 'public, max-age=31536000, immutable'

describe('statements over HTTP', () => {
  it.each([
    ['metadata/timestamp.json', 'no-cache'],
    ['metadata/3.root.json', immutable],
    ['metadata/1795503600.channel_web_production.json', immutable],
    [`targets/channels/web/${'a'.repeat(64)}.production.json`, immutable],
    ['halt/latest.json', 'no-cache'],
    ['halt/7.json', immutable],
    ['revoked.crl', 'no-cache'],
  ])('%s are kept: %s', async (path, caching) => {
    const { statusCode, headers, body } = await get(path)
    expect([statusCode, headers['cache-control'], body]).toEqual([200, caching, `the text of ${path}`])
  })

  it('are not sent again to whoever has them', async () => {
    const { headers } = await get('metadata/timestamp.json')
    const again = await get('metadata/timestamp.json', { 'If-None-Match': `"x", W/${headers.etag}` })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    const other = await get('metadata/timestamp.json', { 'If-None-Match': '"x"' })
    expect(other.statusCode).toBe(200)
  })

  it('that are not there are asked for again the next time', async () => {
    const { statusCode, headers } = await get('metadata/missing.root.json')
    expect([statusCode, headers['cache-control']]).toEqual([404, 'no-store'])
  })
})
