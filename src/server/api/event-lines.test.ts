import { expect, it } from 'vitest'
import type { JobEvent } from '../../jobs/index.ts'
import { YardError } from '../../model/index.ts'
import { eventLines } from './event-lines.ts'

const step = (name: string): JobEvent => ({ kind: 'step', subject: 'debian', step: name })
const progress: JobEvent = {
  kind: 'progress',
  subject: 'debian',
  step: 'fetch',
  doneFiles: 1,
  totalFiles: 2,
  doneBytes: 3,
  totalBytes: 4,
}
const bodyOf = (error: unknown) => ({ error: { code: (error as YardError).code } })

async function read(lines: AsyncIterable<string>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const line of lines) all.push(line === '\n' ? 'heartbeat' : JSON.parse(line))
  return all
}

it('events come in their order, then the result', async () => {
  const lines = await eventLines(async ({ onEvent }) => {
    onEvent(step('one'))
    await Promise.resolve()
    onEvent(step('two'))
    return { done: true }
  }, bodyOf)
  expect(await read(lines)).toEqual([
    { event: step('one') },
    { event: step('two') },
    { result: { done: true } },
  ])
})

it('what fails before its first event is thrown; behind that it is the last line', async () => {
  const failing = async () => {
    throw new YardError('not-found', 'gone')
  }
  await expect(eventLines(failing, bodyOf)).rejects.toMatchObject({ code: 'not-found' })
  const late = await eventLines(async ({ onEvent }) => {
    onEvent(step('one'))
    return failing()
  }, bodyOf)
  expect(await read(late)).toEqual([{ event: step('one') }, { error: { code: 'not-found' } }])
})

it('nothing that comes while a slow reader takes a line is lost', async () => {
  let tell = (_: JobEvent) => {}
  let end = () => {}
  const lines = await eventLines(({ onEvent }) => {
    tell = onEvent
    onEvent(step('one'))
    return new Promise<void>(resolve => (end = resolve))
  }, bodyOf)
  const reader = lines[Symbol.asyncIterator]()
  expect(JSON.parse((await reader.next()).value)).toEqual({ event: step('one') })
  tell(step('two'))
  end()
  await new Promise(resolve => setImmediate(resolve))
  expect(JSON.parse((await reader.next()).value)).toEqual({ event: step('two') })
  expect(JSON.parse((await reader.next()).value)).toEqual({})
})

it('progress that nobody reads is dropped, steps are not', async () => {
  const lines = await eventLines(async ({ onEvent }) => {
    for (let i = 0; i < 5_000; i++) onEvent(progress)
    onEvent(step('last'))
  }, bodyOf)
  const all = await read(lines)
  expect(all.length).toBeLessThan(1_100)
  expect(all).toContainEqual({ event: step('last') })
})

it('a line comes now and then while nothing happens', async () => {
  let end = () => {}
  const lines = await eventLines(() => new Promise<void>(resolve => (end = resolve)), bodyOf, {
    patience: 1,
    heartbeat: 1,
  })
  const reader = lines[Symbol.asyncIterator]()
  expect((await reader.next()).value).toBe('\n')
  expect((await reader.next()).value).toBe('\n')
  end()
})
