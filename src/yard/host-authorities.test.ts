import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openMemoryStore } from '../store/index.ts'
import { createHostAuthorities } from './host-authorities.ts'

describe('the CAs for hosts', () => {
  const start = Date.UTC(2026, 10, 21, 6, 45)
  const year = 365 * 86_400_000
  let root: string
  let directory: string
  let store: ReturnType<typeof openMemoryStore>
  let now: number
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'host-authorities-'))
    directory = join(root, 'hosts')
    store = openMemoryStore()
    now = start
  })
  afterEach(() => rmSync(root, { recursive: true }))

  /** As another process would. */
  const open = () =>
    createHostAuthorities({ directory, refs: store.refs, locks: store.locks, now: () => now })
  const serials = async () => (await open()()).map(({ serial }) => serial)

  it('are made once, whoever asks at once', async () => {
    const all = await Promise.all([serials(), serials(), serials()])
    expect(new Set(all.flat()).size).toBe(1)
    expect(readdirSync(directory)).toHaveLength(1)
  })

  it('are missed when they are lost, and not made anew', async () => {
    await serials()
    rmSync(directory, { recursive: true })
    await expect(serials()).rejects.toMatchObject({
      code: 'damaged',
      hint: /restore keys\/hosts from a backup/,
    })
    expect(() => readdirSync(directory)).toThrow()
    await store.refs.remove('host-authorities.json')
    expect(await serials()).toHaveLength(1)
  })

  it('are looked for as long as somebody may show what they signed', async () => {
    const [first] = await serials()
    now = start + 9.5 * year
    expect(await serials()).toEqual([first, expect.any(String)])
    rmSync(join(directory, `${first}.pem`))
    await expect(serials()).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(first!),
    })
    now = start + 10.5 * year
    expect(await serials()).toHaveLength(1)
  })

  it('are the same again after the clock was in 2038', async () => {
    const before = await serials()
    now = Date.UTC(2038, 0, 19, 3, 14, 7)
    expect(await serials()).not.toEqual(before)
    now = start
    expect(await serials()).toEqual(before)
    expect(await serials()).toEqual(before)
  })

  it('are told again where what tells of them is damaged', async () => {
    const before = await serials()
    await store.refs.write('host-authorities.json', 'null')
    expect(await serials()).toEqual(before)
    await store.refs.write('host-authorities.json', '{')
    expect(await serials()).toEqual(before)
    expect(await store.refs.read('host-authorities.json')).toContain(before[0])
  })

  it('are read again when a minute has passed, or the last reading failed', async () => {
    const authorities = open()
    const first = await authorities()
    expect(await authorities()).toBe(first)
    rmSync(directory, { recursive: true })
    now += 61_000
    await expect(authorities()).rejects.toMatchObject({ code: 'damaged' })
    await store.refs.remove('host-authorities.json')
    expect(await authorities()).not.toEqual(first)
  })
})
