import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAr } from './ar.ts'
import { gather, inChunks } from './chunks.fixture.ts'
import { expectOnlyYardErrors } from './mutation.fixture.ts'

let directory: string
let archive: Buffer

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'switchyard-ar-'))
  writeFileSync(join(directory, 'even'), 'four')
  writeFileSync(join(directory, 'odd.tar.gz'), 'seven!!')
  writeFileSync(join(directory, 'empty'), '')
  archive = archiveOf('even', 'odd.tar.gz', 'empty')
})

afterAll(() => rmSync(directory, { recursive: true }))

function archiveOf(...names: string[]): Buffer {
  rmSync(join(directory, 'test.ar'), { force: true })
  execFileSync('ar', ['qcS', 'test.ar', ...names], { cwd: directory })
  return readFileSync(join(directory, 'test.ar'))
}

async function listOf(bytes: Uint8Array, chunkSize?: number): Promise<string[]> {
  const list: string[] = []
  for await (const { name, size, offset, body } of readAr(inChunks(bytes, chunkSize), 'test.ar'))
    list.push(`${name} ${size} ${offset} ${await gather(body)}`)
  return list
}

describe('reading an ar archive', () => {
  it('gives the members that ar put in, however the bytes arrive', async () => {
    const expected = ['even 4 68 four', 'odd.tar.gz 7 132 seven!!', 'empty 0 200 ']
    for (const chunkSize of [1, 7, 60, 100_000]) expect(await listOf(archive, chunkSize)).toEqual(expected)
  })

  it('passes over bodies that nobody reads', async () => {
    const names: string[] = []
    for await (const member of readAr(inChunks(archive, 3), 'test.ar')) names.push(member.name)
    expect(names).toEqual(
      execFileSync('ar', ['t', 'test.ar'], { cwd: directory, encoding: 'utf8' }).trim().split('\n'),
    )
  })

  it('passes over the rest of a body that was read in part', async () => {
    const names: string[] = []
    for await (const member of readAr(inChunks(archive, 3), 'test.ar')) {
      names.push(member.name)
      for await (const _ of member.body) break
    }
    expect(names).toEqual(['even', 'odd.tar.gz', 'empty'])
  })

  it('lets its input go when the reader stops early', async () => {
    let released = false
    async function* input() {
      try {
        yield* inChunks(archive, 80)
      } finally {
        released = true
      }
    }
    for await (const _ of readAr(input(), 'test.ar')) break
    expect(released).toBe(true)
  })

  it('refuses an archive that is cut anywhere but after a member, naming it and the offset', async () => {
    const whole = [8, 72, 139, 140, 200]
    for (let length = 0; length < archive.length; length++) {
      const reading = listOf(archive.subarray(0, length))
      if (whole.includes(length)) await expect(reading).resolves.toBeDefined()
      else
        await expect(reading, `${length}`).rejects.toMatchObject({
          code: 'invalid',
          message: expect.stringMatching(/^test\.ar is no valid ar archive: at byte \d+, /),
        })
    }
  })

  it.each([
    ['a size that is not a number', 48, '12x       ', 'size'],
    ['a negative size', 48, '-4        ', 'size'],
    ['an empty size', 48, '          ', 'size'],
    ['no end mark', 58, 'xx', 'end mark'],
    ['an empty name', 0, '                ', 'no member name'],
    ['a name with a slash', 0, '../etc/passwd   ', 'no member name'],
    ['a size larger than the archive', 48, '9999999999', 'cut short'],
    ['a GNU table of long names', 0, '//              ', 'long member names'],
    ['a BSD long name', 0, '#1/20           ', 'long member names'],
  ])('refuses a header with %s', async (_, at, text, reason) => {
    const bytes = Buffer.from(archive)
    bytes.write(text, 8 + at, 'latin1')
    await expect(listOf(bytes)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(reason),
    })
  })

  it('refuses the long names that ar itself writes', async () => {
    const long = 'a-member-name-of-more-than-fifteen-bytes'
    writeFileSync(join(directory, long), 'x')
    await expect(listOf(archiveOf(long))).rejects.toMatchObject({
      message: expect.stringContaining('long member names'),
    })
  })

  it('throws nothing but YardErrors on damaged archives', async () => {
    await expectOnlyYardErrors([archive], listOf)
  })
})
