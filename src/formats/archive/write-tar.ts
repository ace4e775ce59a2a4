import { type ByteString, YardError } from '../../model/index.ts'
import { linkMode, type PackedEntry } from './packed-entry.ts'
import { blockSize } from './tar-header.ts'

const flags = { file: '0', symlink: '2', directory: '5' } as const

/**
 * A tar archive (POSIX.1-1988 ustar) of the root directory and these entries in their order, as dpkg wants one: `./usr/bin/x`,
 * directories with a slash at their end, all of root.
 * @param time of every entry, in seconds since 1970.
 * @throws YardError `invalid` for a path that the format cannot hold.
 */
export function writeTar(entries: readonly PackedEntry[], time: number): Buffer {
  const root: PackedEntry = { type: 'directory', path: '', mode: 0o755 }
  const parts = [root, ...entries].flatMap(entry => {
    const body = entry.type === 'file' ? entry.bytes : Buffer.alloc(0)
    return [headerOf(entry, body.length, time), body, Buffer.alloc(-body.length & (blockSize - 1))]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * blockSize)])
}

function headerOf(entry: PackedEntry, size: number, time: number): Buffer {
  const header = Buffer.alloc(blockSize)
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')
  const [prefix, name] = splitPath(`.${entry.path}${entry.type === 'directory' ? '/' : ''}`)
  header.write(name, 0, 'latin1')
  header.write(octal(entry.type === 'symlink' ? linkMode : entry.mode, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(size, 11), 124)
  header.write(octal(time, 11), 136)
  header.write(' '.repeat(8), 148)
  header.write(flags[entry.type], 156)
  if (entry.type === 'symlink') header.write(fitting(entry.target, 100), 157, 'latin1')
  header.write('ustar\x0000root', 257)
  header.write('root', 297)
  header.write(prefix, 345, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)}\0 `, 148)
  return header
}

/** A path of more than 100 bytes is cut at a slash: up to 155 bytes go before it, up to 100 behind. */
function splitPath(path: ByteString): [prefix: ByteString, name: ByteString] {
  if (path.length <= 100) return ['', path]
  const slash = path.indexOf('/', path.length - 101)
  if (slash > 155 || slash === -1 || slash === path.length - 1) throw tooLong(path)
  return [path.slice(0, slash), path.slice(slash + 1)]
}

function fitting(text: ByteString, most: number): ByteString {
  if (text.length > most) throw tooLong(text)
  return text
}

function tooLong(path: ByteString): YardError {
  return new YardError(
    'invalid',
    `no tar archive can hold ${JSON.stringify(path)}: it is too long; nothing was written`,
  )
}
