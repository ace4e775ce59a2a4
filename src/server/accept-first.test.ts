import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setImmediate as look } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { acceptFirst } from './accept-first.ts'

function start() {
  const server = new EventEmitter()
  const answered: string[] = []
  const clock = { now: 0 }
  acceptFirst(
    server as Server,
    request => answered.push(request.url!),
    () => clock.now,
  )
  return {
    answered,
    clock,
    connect: () => server.emit('connection'),
    ask: (url: string, closed = false) =>
      server.emit('request', { url } as IncomingMessage, { closed } as ServerResponse),
  }
}

it('answers at once while nobody connects', () => {
  const { ask, answered } = start()
  ask('/a')
  expect(answered).toEqual(['/a'])
})

it('answers in order once a look for events brought no connection', async () => {
  const { connect, ask, answered } = start()
  for (const url of ['/a', '/b', '/c']) {
    connect()
    ask(url)
    await look()
    expect(answered).toEqual([])
  }
  await look()
  expect(answered).toEqual(['/a', '/b', '/c'])
  ask('/d')
  expect(answered).toHaveLength(4)
})

it('lets no request wait for more than 50 ms, however many connect', async () => {
  const { connect, ask, answered, clock } = start()
  connect()
  ask('/a')
  for (clock.now = 0; clock.now < 50; clock.now += 10) {
    connect()
    await look()
    expect(answered).toEqual([])
  }
  connect()
  await look()
  expect(answered).toEqual(['/a'])
  connect()
  ask('/b')
  expect(answered).toEqual(['/a'])
  await look()
  await look()
  expect(answered).toEqual(['/a', '/b'])
})

it('does no work for a client that has gone while it waited', async () => {
  const { connect, ask, answered } = start()
  connect()
  ask('/gone', true)
  ask('/here')
  await look()
  await look()
  expect(answered).toEqual(['/here'])
})
