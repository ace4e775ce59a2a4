import { expect, it } from 'vitest'
import { Suspicion, suspicionOf, suspicions } from './suspicion.ts'

it('says the object, why, what may stand behind it, and what was left untouched', () => {
  const { message, code } = new Suspicion('rollback', 'metadata/timestamp.json', 'version 1 is less than 2')
  expect(message).toBe(
    'metadata/timestamp.json: version 1 is less than 2 (rollback: older statements are shown than were seen before); what was trusted before stays',
  )
  expect(code).toBe('untrusted')
})

it('lets no hostile text move a terminal, nor fill a log', () => {
  const { message } = new Suspicion('damaged', 'a', `\u001b[2J\u009b\u202e\n${'x'.repeat(10_000)}`)
  expect(message).toMatch(/^a: \?\[2J\?\?\?x+… \(damaged: /)
  expect(message.length).toBeLessThan(500)
})

it('keeps what a source suspected, and takes what else failed for a place that cannot be had', () => {
  const slow = new Suspicion('slow-retrieval', 'a', '3 bytes in a minute')
  expect(suspicionOf(slow, 'b')).toBe(slow)
  expect(suspicionOf(new Error('reset'), 'b')).toMatchObject({
    suspicion: 'unavailable',
    code: 'unavailable',
  })
  expect(suspicionOf('reset', 'b').message).toContain('b: reset')
})

it.each(Object.keys(suspicions))('%s is explained', name => {
  expect(suspicions[name as keyof typeof suspicions]).toMatch(/^[a-z].{20,}[^.]$/)
})
