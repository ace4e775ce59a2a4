import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JobEvent } from '../../jobs/index.ts'
import { resultOfLines } from './lines.ts'

const event: JobEvent = { kind: 'warning', subject: 'debian', message: 'größer\nals' }
const text = [{ event }, '', { event }, { result: { name: 'größe' } }]
  .map(line => `${line === '' ? '' : JSON.stringify(line)}\n`)
  .join('')

async function* cut(bytes: Buffer, places: number[]): AsyncIterable<Uint8Array> {
  const ends = [...new Set(places), bytes.length].sort((a, b) => a - b)
  let start = 0
  for (const end of ends) {
    yield bytes.subarray(start, end)
    start = end
  }
}

it('events and the result are the same wherever the stream is cut', async () => {
  const bytes = Buffer.from(text)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: bytes.length })), async places => {
      const events: JobEvent[] = []
      const result = await resultOfLines(cut(bytes, places), { onEvent: one => events.push(one) })
      expect(result).toEqual({ name: 'größe' })
      expect(events).toEqual([event, event])
    }),
  )
})

it('an error is thrown as it was there, and an end without a result is one', async () => {
  const read = (text: string) => resultOfLines(cut(Buffer.from(text), []), {})
  await expect(read('{"error":{"code":"refused","message":"no","hint":"do"}}\n')).rejects.toMatchObject({
    code: 'refused',
    message: 'no',
    hint: 'do',
  })
  await expect(read('{"error":{"code":"of tomorrow","message":"no"}}\n')).rejects.toMatchObject({
    code: 'internal',
    message: 'no',
  })
  for (const text of ['', '\n', '{"event":{}}\n', '{"result":1}'])
    await expect(read(text), text).rejects.toMatchObject({ code: 'unavailable' })
})
