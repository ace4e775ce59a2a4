import { YardError } from '../model/index.ts'
import type { Cli } from './context.ts'

/** The most bytes that a file with a passphrase may have. */
const maximumBytes = 4096

/**
 * Asks for a passphrase: out of a file, or on the terminal of who runs this. Never an argument, which shows in the list of processes.
 * @throws YardError `usage` when there is neither; `cancelled`.
 */
export function passphraseOf(cli: Cli, { passphraseFile }: { passphraseFile?: string }) {
  return (prompt: string): Promise<string> =>
    passphraseFile === undefined ? askOnTerminal(prompt) : readPassphrase(cli, passphraseFile)
}

/** The first line of the file. */
async function readPassphrase(cli: Cli, named: string): Promise<string> {
  const { open } = await import('node:fs/promises')
  const { resolve } = await import('node:path')
  let fault = 'is empty or too large'
  try {
    const handle = await open(resolve(cli.workingDirectory, named))
    try {
      const { size, mode } = await handle.stat()
      const text = size <= maximumBytes ? (await handle.readFile('utf8')).split('\n')[0]! : ''
      if (text !== '' && (mode & 0o077) === 0) return text
      if (text !== '') fault = 'can be read by others on this machine'
    } finally {
      await handle.close()
    }
  } catch {
    fault = 'cannot be read'
  }
  throw new YardError('usage', `the file that --passphrase-file names ${fault}; nothing was done`, {
    hint: 'it holds the passphrase as its first line, and nobody but you may read it: chmod 600 FILE',
  })
}

/** The terminal itself, so that standard input may be something else; nothing is shown of what is typed. */
async function askOnTerminal(prompt: string): Promise<string> {
  const { openSync } = await import('node:fs')
  const { ReadStream } = await import('node:tty')
  const terminal = (() => {
    try {
      return new ReadStream(openSync('/dev/tty', 'r+'))
    } catch (cause) {
      throw new YardError('usage', 'a passphrase is needed, and there is no terminal to ask for it on', {
        hint: 'name a file that holds it with --passphrase-file',
        cause,
      })
    }
  })()
  process.stderr.write(prompt)
  terminal.setRawMode(true)
  try {
    return await readHidden(terminal)
  } finally {
    terminal.setRawMode(false)
    terminal.destroy()
    process.stderr.write('\n')
  }
}

const keys = { enter: /[\r\n]/, interrupt: '\u0003', end: '\u0004', erase: /[\b\u007f]/ }

async function readHidden(terminal: AsyncIterable<Buffer>): Promise<string> {
  let typed = ''
  for await (const chunk of terminal)
    for (const character of chunk.toString('utf8')) {
      if (keys.enter.test(character)) return typed
      if (character === keys.interrupt || character === keys.end)
        throw new YardError('cancelled', 'no passphrase was given; nothing was done')
      typed = keys.erase.test(character) ? typed.slice(0, -1) : typed + character
    }
  throw new YardError('cancelled', 'the terminal went away; nothing was done')
}
