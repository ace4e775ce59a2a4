import { describe, expect, it } from 'vitest'
import { briefReads } from './brief-refs.ts'
import { openMemoryStore } from './memory/store.ts'

function briefStore() {
  const { refs: kept } = openMemoryStore()
  const time = { now: 0, asked: 0 }
  const counting = {
    ...kept,
    read: (name: string) => {
      time.asked++
      return kept.read(name)
    },
  }
  return { kept, time, ...briefReads(counting, 100, () => time.now) }
}

describe('brief reads of refs', () => {
  it('answer from memory for a moment, and see what others wrote after it', async () => {
    const { kept, time, brief } = briefStore()
    await kept.write('a', 'old')
    expect(await brief.read('a')).toBe('old')
    await kept.write('a', 'new')
    expect([await brief.read('a'), time.asked]).toEqual(['old', 1])
    time.now = 100
    expect([await brief.read('a'), time.asked]).toEqual(['new', 2])
  })

  it('see at once what this process writes, through either view', async () => {
    const { refs, brief } = briefStore()
    await refs.write('d/a', '1')
    expect([await brief.read('d/a'), await brief.list('d')]).toEqual(['1', ['a']])
    await refs.write('d/a', '2')
    await brief.create('d/b', '3')
    expect([await brief.read('d/a'), await brief.list('d')]).toEqual(['2', ['a', 'b']])
    await refs.remove('d/a')
    expect([await brief.read('d/a'), await brief.list('d')]).toEqual([undefined, ['b']])
  })

  it('forget a read that failed', async () => {
    const { kept } = briefStore()
    let fail = true
    const { brief } = briefReads(
      {
        ...kept,
        read: async () => {
          if (fail) throw new Error('no disk')
          return 'back'
        },
      },
      100,
      () => 0,
    )
    await expect(brief.read('a')).rejects.toThrow('no disk')
    fail = false
    expect(await brief.read('a')).toBe('back')
  })
})
