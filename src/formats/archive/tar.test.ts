import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { byteStringOfText } from '../../model/index.ts'
import { gather, inChunks } from './chunks.fixture.ts'
import { expectOnlyYardErrors } from './mutation.fixture.ts'
import { readTar } from './tar.ts'

let directory: string
const longName = `a-long-directory-name/${'x'.repeat(120)}/${'y'.repeat(90)}`

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'switchyard-tar-'))
  const at = (path: string) => join(directory, path)
  mkdirSync(at('usr/bin'), { recursive: true })
  writeFileSync(at('usr/bin/tool'), 'x'.repeat(1300))
  chmodSync(at('usr/bin/tool'), 0o4755)
  writeFileSync(at('usr/empty'), '')
  writeFileSync(at('usr/exact'), 'e'.repeat(512))
  linkSync(at('usr/bin/tool'), at('usr/bin/tool-again'))
  symlinkSync('tool', at('usr/bin/t'))
  mkdirSync(at(longName), { recursive: true })
  writeFileSync(at(`${longName}/file`), 'deep')
  symlinkSync('z'.repeat(150), at('usr/far'))
  writeFileSync(Buffer.from(at('usr/caf\xe9 %3a'), 'latin1'), 'bytes')
  execFileSync('mkfifo', [at('usr/pipe')])
  execFileSync('mknod', [at('usr/null'), 'c', '1', '3'])
  execFileSync('mknod', [at('usr/loop'), 'b', '7', '0'])
})

afterAll(() => rmSync(directory, { recursive: true }))

function tar(...options: string[]): Buffer {
  const named = options.some(option => !option.startsWith('-'))
  const names = named ? [] : ['.']
  return execFileSync('tar', ['-c', '--sort=name', '-C', directory, ...options, ...names], {
    maxBuffer: 1 << 26,
  })
}

/** One line an entry: type, permission bits, path, size, target, content. */
async function listOf(archive: Uint8Array, chunkSize = 1000): Promise<string[]> {
  const list: string[] = []
  for await (const { type, mode, path, size, target, body } of readTar(
    inChunks(archive, chunkSize),
    limits,
  )) {
    const content = (await gather(body)).toString('latin1').slice(0, 20)
    list.push([type, mode.toString(8), path, size, target ?? '-', content].join(' | '))
  }
  return list
}

const limits = { object: 'data.tar' }

function invalid(reason: string) {
  return {
    code: 'invalid',
    message: expect.stringMatching(`^data.tar is no valid tar archive: at byte \\d+, .*${reason}`),
  }
}

/** The archive with one header field of its first entry replaced and the checksum made right again. */
function withHeader(archive: Buffer, at: number, text: string): Buffer {
  const changed = Buffer.from(archive)
  changed.write(text, at, 'latin1')
  changed.write('        ', 148)
  const sum = changed.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  changed.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return changed
}

describe.each(['gnu', 'pax', 'posix'])('reading what GNU tar writes in format %s', format => {
  it('gives every entry, whatever the chunks', async () => {
    const archive = tar(`--format=${format}`, '--sparse-version=1.0')
    const list = await listOf(archive)
    expect(list).toContain(`file | 4755 | ./usr/bin/tool | 1300 | - | ${'x'.repeat(20)}`)
    expect(list).toContain('hardlink | 4755 | ./usr/bin/tool-again | 0 | ./usr/bin/tool | ')
    expect(list).toContain('symlink | 777 | ./usr/bin/t | 0 | tool | ')
    expect(list).toContain(`symlink | 777 | ./usr/far | 0 | ${'z'.repeat(150)} | `)
    expect(list).toContain(`file | 644 | ./${longName}/file | 4 | - | deep`)
    expect(list).toContain('file | 644 | ./usr/caf\xe9 %3a | 5 | - | bytes')
    expect(list).toContain('directory | 755 | ./usr/bin/ | 0 | - | ')
    expect(list.filter(line => /^(fifo|character-device|block-device) /.test(line))).toHaveLength(3)
    expect(await listOf(archive, 1)).toEqual(list)
  })

  it('names what tar -t names, in its order', async () => {
    const archive = tar(`--format=${format}`)
    const theirs = execFileSync('tar', ['-t', '--quoting-style=literal'], {
      input: archive,
      encoding: 'latin1',
    })
    const ours: string[] = []
    for await (const entry of readTar(inChunks(archive), limits)) ours.push(entry.path)
    expect(ours).toEqual(theirs.trimEnd().split('\n'))
  })
})

describe('reading other dialects', () => {
  it.each(['v7', 'ustar'])('reads %s', async format => {
    const list = await listOf(tar(`--format=${format}`, 'usr/bin', 'usr/exact'))
    expect(list).toContain('symlink | 777 | usr/bin/t | 0 | tool | ')
    expect(list).toContain(`file | 644 | usr/exact | 512 | - | ${'e'.repeat(20)}`)
    expect(list).toContain('directory | 755 | usr/bin/ | 0 | - | ')
  })

  it('joins prefix and name of ustar', async () => {
    const list = await listOf(tar('--format=ustar', `${longName}/file`))
    expect(list).toEqual([`file | 644 | ${longName}/file | 4 | - | deep`])
  })

  it('lets a pax header name a path in any bytes', async () => {
    const archive = tar('--format=pax', '--pax-option=path:=naïve', 'usr/empty')
    expect(await listOf(archive)).toEqual([`file | 644 | ${byteStringOfText('naïve')} | 0 | - | `])
  })

  it('keeps global pax headers for all entries', async () => {
    const archive = tar(
      '--format=pax',
      '--pax-option=globexthdr.name=g,comment=hello',
      'usr/empty',
      'usr/exact',
    )
    expect(await listOf(archive)).toHaveLength(2)
  })

  it('reads sizes in base 256', async () => {
    const archive = withHeader(tar('--format=gnu', 'usr/exact'), 124, '\x80\0\0\0\0\0\0\0\0\0\x02\0')
    expect(await listOf(archive)).toEqual([`file | 644 | usr/exact | 512 | - | ${'e'.repeat(20)}`])
  })

  it('reads an archive without its end mark, as dpkg does', async () => {
    const archive = tar('usr/exact')
    expect(await listOf(archive.subarray(0, 1024))).toHaveLength(1)
  })

  it('reads to the end of the input, behind the end mark', async () => {
    let ended = false
    async function* input() {
      yield* inChunks(tar('usr/exact'))
      ended = true
    }
    for await (const _ of readTar(input(), limits));
    expect(ended).toBe(true)
  })

  it('passes over bodies that are not read, or only in part', async () => {
    const paths: string[] = []
    for await (const { path, body } of readTar(inChunks(tar('usr/bin/tool', 'usr/exact'), 100), limits)) {
      paths.push(path)
      for await (const _ of body) break
    }
    expect(paths).toEqual(['usr/bin/tool', 'usr/exact'])
  })
})

describe('refusing', () => {
  it('a cut at every byte, but between entries', async () => {
    const archive = tar('--format=gnu', 'usr/exact', 'usr/empty').subarray(0, 4 * 512)
    const whole = [0, 1024, 1536]
    for (let length = 0; length < archive.length - 512; length++) {
      const reading = listOf(archive.subarray(0, length))
      if (whole.includes(length)) await expect(reading).resolves.toBeDefined()
      else await expect(reading, `${length}`).rejects.toMatchObject(invalid('cut short'))
    }
  })

  it.each([
    ['a wrong checksum', (tape: Buffer) => Buffer.concat([Buffer.from('X'), tape.subarray(1)]), 'checksum'],
    ['a size that is not a number', (tape: Buffer) => withHeader(tape, 124, '00000009000\0'), 'not a number'],
    ['a negative size', (tape: Buffer) => withHeader(tape, 124, '\xff'.repeat(12)), 'not a number'],
    [
      'a size beyond exact numbers',
      (tape: Buffer) => withHeader(tape, 124, `\x80${'\x7f'.repeat(11)}`),
      'not a number',
    ],
    ['a size beyond the archive', (tape: Buffer) => withHeader(tape, 124, '77777777777\0'), 'cut short'],
    ['an unknown type', (tape: Buffer) => withHeader(tape, 156, 'Z'), 'type "Z"'],
    ['a sparse file', (tape: Buffer) => withHeader(tape, 156, 'S'), 'type "S"'],
    ['another volume', (tape: Buffer) => withHeader(tape, 156, 'M'), 'type "M"'],
    ['a symlink with content', (tape: Buffer) => withHeader(tape, 156, '2'), 'announces 512 bytes'],
    ['an entry without a name', (tape: Buffer) => withHeader(tape, 0, '\0'.repeat(100)), 'no name'],
    [
      'an endless long name',
      (tape: Buffer) => withHeader(withHeader(tape, 156, 'L'), 124, '00001000000\0'),
      'too large',
    ],
    ['a pax header that is no record', (tape: Buffer) => withHeader(tape, 156, 'x'), 'malformed'],
    ['text', () => Buffer.from('no archive at all. '.repeat(100)), 'checksum'],
  ])('%s', async (_, damage, reason) => {
    await expect(listOf(damage(tar('--format=gnu', 'usr/exact')))).rejects.toMatchObject(invalid(reason))
  })

  it.each(['0.0', '0.1', '1.0'])('sparse files as GNU tar writes them in pax %s', async version => {
    execFileSync('truncate', ['-s', '1M', join(directory, 'sparse')])
    const archive = tar('--format=pax', '-S', `--sparse-version=${version}`, 'sparse')
    rmSync(join(directory, 'sparse'))
    await expect(listOf(archive)).rejects.toMatchObject(invalid('sparse'))
  })

  it('more entries than allowed', async () => {
    const reading = gather(
      (async function* () {
        for await (const { body } of readTar(inChunks(tar()), { object: 'data.tar', maxEntries: 3 }))
          yield* body
      })(),
    )
    await expect(reading).rejects.toMatchObject(invalid('more than 3 entries'))
  })

  it('damaged archives with YardErrors only', async () => {
    await expectOnlyYardErrors([tar('--format=gnu'), tar('--format=pax')], listOf)
  })

  it('damaged headers with right checksums with YardErrors only', async () => {
    const archive = tar('--format=gnu', longName)
    await expectOnlyYardErrors([archive.subarray(0, 512)], async header => {
      if (header.length < 512) return
      await listOf(Buffer.concat([withHeader(header, 0, ''), archive.subarray(512)]))
    })
  })
})
