import { describe, expect, it } from 'vitest'
import { parseMirrors } from './mirror.ts'
import { createMirrorOrder } from './mirror-order.ts'

const [first, second] = parseMirrors(['http://a.example.org/', 'http://b.example.org/'], 'debian')

function failedOften(times: number): ReturnType<typeof createMirrorOrder> {
  const order = createMirrorOrder([first!, second!])
  for (let i = 0; i < times; i++) order.notReached(first!, 1000)
  return order
}

describe('the order of mirrors', () => {
  it('is the configured one', () => {
    expect(failedOften(7).current(1000)).toEqual([first, second])
  })

  it('puts a mirror last after eight failed connections in a row, for a minute', () => {
    const order = failedOften(8)
    expect(order.current(1000)).toEqual([second, first])
    expect(order.current(60_999)).toEqual([second, first])
    expect(order.current(61_000)).toEqual([first, second])
  })

  it('forgets failures once a connection stands', () => {
    const order = failedOften(8)
    order.reached(first!)
    order.notReached(first!, 2000)
    expect(order.current(2000)).toEqual([first, second])
  })
})
