import { messageOf, YardError } from '../model/index.ts'
import type { Cli } from './context.ts'

/**
 * The text of a file of at most so many bytes.
 * @throws YardError `usage` when it cannot be read; `invalid` when it is larger.
 */
export async function readBounded(cli: Cli, file: string, maximumBytes: number): Promise<string> {
  const { open } = await import('node:fs/promises')
  const { resolve } = await import('node:path')
  const bytes = Buffer.alloc(maximumBytes + 1)
  let length = 0
  try {
    const handle = await open(resolve(cli.workingDirectory, file))
    try {
      for (let read = 1; read > 0 && length < bytes.length; length += read)
        read = (await handle.read(bytes, length, bytes.length - length, null)).bytesRead
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw new YardError('usage', `${file} cannot be read: ${messageOf(cause)}`, { cause })
  }
  if (length <= maximumBytes) return bytes.toString('utf8', 0, length)
  throw new YardError('invalid', `${file} has more than ${maximumBytes} bytes; nothing was done`)
}
