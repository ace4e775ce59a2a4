import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../harness/settings.ts'
import { once } from '../harness/stamp.ts'
import { indexDirectory, signArchive, suite } from './sign-archive.ts'
import type { SigningKey } from './signing-key.ts'

/** Two days of an archive that has metadata only. */
export interface DebianMain {
  day1: string
  day2: string
  packages: number
}

export const changedPackages = 300

/**
 * The real main index, as the machine's own apt has it, published again under our key; on day 2, 300 packages have a
 * higher version, spread evenly over the alphabet: real changes come in clusters, this is the worst case for pages.
 */
export async function debianMain(settings: Settings, key: SigningKey): Promise<DebianMain> {
  const { directory } = settings
  const day1 = join(directory, 'upstreams', 'main-day1')
  const day2 = join(directory, 'upstreams', 'main-day2')
  await once(directory, 'debian-main', async () => {
    const index = await readMainIndex()
    for (const [state, content] of [
      [day1, index],
      [day2, nextDay(index)],
    ] as const) {
      rmSync(state, { recursive: true, force: true })
      mkdirSync(join(state, indexDirectory), { recursive: true })
      writeFileSync(join(state, indexDirectory, 'Packages'), content, 'latin1')
      await signArchive(state, key)
    }
  })
  const packages = stanzasOf(readFileSync(join(day1, indexDirectory, 'Packages'), 'latin1')).length
  return { day1, day2, packages }
}

/** @throws Error when apt's lists are not there. */
async function readMainIndex(): Promise<string> {
  const lists = '/var/lib/apt/lists'
  const name = readdirSync(lists).find(file => file.includes(`_dists_${suite}_main_binary-amd64_Packages`))
  if (name === undefined) throw new Error(`apt has no index of ${suite} main: run apt-get update`)
  const child = spawn('/usr/lib/apt/apt-helper', ['cat-file', join(lists, name)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

function stanzasOf(index: string): string[] {
  return index.split('\n\n').filter(stanza => stanza.trim() !== '')
}

function nextDay(index: string): string {
  const stanzas = stanzasOf(index)
  const step = Math.floor(stanzas.length / changedPackages)
  for (let i = 0; i < changedPackages; i++) stanzas[i * step] = bump(stanzas[i * step]!)
  return `${stanzas.join('\n\n')}\n\n`
}

function bump(stanza: string): string {
  const digest = (algorithm: string) => createHash(algorithm).update(stanza).digest('hex')
  return stanza
    .replace(/^Version: .*$/m, '$&+bench1')
    .replace(/^(Filename: .*)(_[^_]*)$/m, '$1+bench1$2')
    .replace(/^MD5sum: .*$/m, `MD5sum: ${digest('md5')}`)
    .replace(/^SHA256: .*$/m, `SHA256: ${digest('sha256')}`)
}
