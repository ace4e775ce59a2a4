import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, YardError } from '../../model/index.ts'
import { createDurably } from '../durable-file.ts'
import { type Authority, makeAuthority, needsSuccessor, parseAuthority } from './authority.ts'

/** Enough for a key and a certificate. */
const maximumBytes = 16 * 1024

const fileName = /^[0-9a-f]{32}\.pem$/

/** The name of a CA's file. */
export function authorityFile(serial: string): string {
  return `${serial}.pem`
}

/**
 * The CAs of a directory, by age: `SERIAL.pem`, mode 0600, of each private key and certificate. Those that have expired are left out, and
 * those that were made while the clock was ahead, as long as it is not so late.
 * @throws YardError `configuration` when others on this machine can read one; `damaged`.
 */
export async function readAuthorities(directory: string, now: number): Promise<Authority[]> {
  const names = (await namesIn(directory)).filter(name => fileName.test(name))
  const all = await Promise.all(names.map(name => readAuthority(join(directory, name))))
  return all
    .filter(({ begins, expires }) => begins <= now && expires > now)
    .sort((a, b) => a.begins - b.begins || (a.serial < b.serial ? -1 : 1))
}

/**
 * Makes the first CA, or a successor for one that is about to expire; else nothing. The caller sees to it that nobody else does
 * so at once.
 */
export async function keepAuthority(directory: string, now: number): Promise<void> {
  if (!needsSuccessor(await readAuthorities(directory, now), now)) return
  const { serial, text } = makeAuthority(now)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await createDurably(join(directory, authorityFile(serial)), text, 0o600)
}

async function readAuthority(file: string): Promise<Authority> {
  const { text, mode } = await readSmall(file)
  if ((mode & 0o077) !== 0)
    throw new YardError('configuration', `the CA for hosts ${file} can be read by others on this machine`, {
      hint: `run: chmod 600 ${file}; if others had access to this machine, they can pose as its server to hosts`,
    })
  return parseAuthority(text, file)
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw unreadable(directory, error)
  }
}

async function readSmall(file: string): Promise<{ text: string; mode: number }> {
  try {
    const handle = await open(file)
    try {
      const { size, mode } = await handle.stat()
      return { text: size > maximumBytes ? '' : await handle.readFile('latin1'), mode }
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(file: string, cause: unknown): YardError {
  return new YardError('damaged', `${file}, by which hosts are known, cannot be read: ${messageOf(cause)}`, {
    hint: 'restore the directory of keys from a backup',
    cause,
  })
}
