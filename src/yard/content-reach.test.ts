import { expect, it } from 'vitest'
import { parseName } from '../model/index.ts'
import { createContentReach } from './content-reach.ts'

const release = { train: parseName('web'), timestamp: '20261121T064500Z' as never }
const debian = parseName('debian')

it('starts one server at the first use, and closes it', async () => {
  const events: string[] = []
  const reach = createContentReach(async () => {
    events.push('start')
    return { url: 'http://127.0.0.1:1234', close: async () => void events.push('close') }
  })
  expect(events).toEqual([])
  const [base, url] = await Promise.all([reach.contentUrl(), reach.urlOf(release, debian)])
  expect(base).toBe('http://127.0.0.1:1234')
  expect(url).toBe('http://127.0.0.1:1234/releases/web/20261121T064500Z/debian')
  await reach.close()
  expect(events).toEqual(['start', 'close'])
})

it('starts none where a server of this process listens, or nothing has asked', async () => {
  const reach = createContentReach(() => Promise.reject(new Error('not this one')))
  reach.servedAt('http://127.0.0.1:8080')
  expect(await reach.contentUrl()).toBe('http://127.0.0.1:8080')
  await reach.close()
})

it('says so where nothing can serve, and can be closed after a server that did not start', async () => {
  await expect(createContentReach(undefined).contentUrl()).rejects.toMatchObject({ code: 'unavailable' })
  const reach = createContentReach(() => Promise.reject(new Error('no port')))
  await expect(reach.contentUrl()).rejects.toThrow('no port')
  await reach.close()
})
