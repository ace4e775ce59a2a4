import { createHash } from 'node:crypto'
import { createWriteStream, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { run, shell } from '../harness/run.ts'
import type { Settings } from '../harness/settings.ts'
import { once } from '../harness/stamp.ts'
import { rpmReal } from './rpm-real.ts'
import { signRepodata } from './sign-repodata.ts'
import type { SigningKey } from './signing-key.ts'

/** Two days of a repository that has metadata only. */
export interface RpmScale {
  day1: string
  day2: string
  /** The compressed primary.xml of day 1. */
  primary: string
}

/** Of every package, itself included: all are copied alike, so that the whole stays closed under dependencies. */
const copies = 21
const changedPackages = 300
const documents = [
  ['primary', 'metadata'],
  ['filelists', 'filelists'],
  ['other', 'otherdata'],
] as const

/**
 * The metadata of `rpm-real`, every package under so many names that there are 62,370, in the order of their names as in
 * real repositories; on day 2, 300 of them have a higher release, evenly over the whole: real changes come in clusters,
 * this is the worst case for pages.
 */
export async function rpmScale(settings: Settings, key: SigningKey): Promise<RpmScale> {
  const { directory } = settings
  const [day1, day2] = [1, 2].map(day => join(directory, 'upstreams', `rpm-60k-day${day}`)) as [
    string,
    string,
  ]
  await once(directory, 'rpm-scale', async () => {
    const { today } = await rpmReal(settings, key)
    for (const state of [day1, day2]) {
      rmSync(state, { recursive: true, force: true })
      mkdirSync(join(state, 'repodata'), { recursive: true })
    }
    const written = new Map<string, string[]>([day1, day2].map(state => [state, []]))
    for (const [type, root] of documents) {
      const fragments = fragmentsOf(await plainDocument(today, type))
      await Promise.all(
        [day1, day2].map(async state =>
          written.get(state)!.push(await writeDocument(state, type, root, fragments, state === day2)),
        ),
      )
    }
    for (const [state, data] of written) {
      // In one second a server gives two files of one size the same ETag.
      await delay(1100)
      writeFileSync(join(state, 'repodata', 'repomd.xml'), repomdOf(data))
      await signRepodata(state, key)
    }
  })
  const primary = readdirSync(join(day1, 'repodata')).find(name => name.endsWith('-primary.xml.gz'))!
  return { day1, day2, primary: join(day1, 'repodata', primary) }
}

async function plainDocument(state: string, type: string): Promise<string> {
  return run(shell(`gzip -dc '${state}'/repodata/*-${type}.xml.gz`))
}

interface Fragments {
  head: string
  each: string[]
}

function fragmentsOf(document: string): Fragments {
  const [head, ...rest] = document.split('<package ') as [string, ...string[]]
  const end = '</package>\n'
  return { head, each: rest.map(text => `<package ${text.slice(0, text.indexOf(end) + end.length)}`) }
}

/** Writes one document under a name of its digest; answers what repomd.xml says of it. */
async function writeDocument(
  state: string,
  type: string,
  root: string,
  { head, each }: Fragments,
  isNextDay: boolean,
): Promise<string> {
  const packages = copies * each.length
  const step = Math.floor(packages / changedPackages)
  const [plain, compressed] = [createHash('sha256'), createHash('sha256')]
  let [plainSize, size] = [0, 0]
  function* contents(): Generator<Buffer> {
    yield counted(Buffer.from(head.replace(/packages="\d+"/, `packages="${packages}"`)))
    for (let i = 0; i < packages; i++) {
      const copy = copyOf(each[Math.floor(i / copies)]!, i % copies)
      const isChanged = isNextDay && i % step === 0 && i < step * changedPackages
      yield counted(Buffer.from(isChanged ? bumped(copy) : copy))
    }
    yield counted(Buffer.from(`</${root}>\n`))
  }
  function counted(bytes: Buffer): Buffer {
    plain.update(bytes)
    plainSize += bytes.length
    return bytes
  }
  const temporary = join(state, `${type}.new`)
  async function* hashed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      compressed.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  const gzip = createGzip({ level: 6 })
  await pipeline(Readable.from(contents()), gzip, hashed, createWriteStream(temporary))
  const digest = compressed.digest('hex')
  const href = `repodata/${digest}-${type}.xml.gz`
  await run(shell(`mv '${temporary}' '${join(state, href)}'`))
  if (statSync(join(state, href)).size !== size) throw new Error(`${href} was not written whole`)
  return `<data type="${type}"><checksum type="sha256">${digest}</checksum><open-checksum type="sha256">${plain.digest('hex')}</open-checksum><location href="${href}"/><timestamp>1</timestamp><size>${size}</size><open-size>${plainSize}</open-size></data>\n`
}

/** The same package under another name and with another digest; it provides and requires what its copies do. */
function copyOf(fragment: string, copy: number): string {
  if (copy === 0) return fragment
  return withPkgid(fragment, old => digestOf(`${old}${copy}`))
    .replace(/<name>([^<]*)<\/name>/, `<name>$1-x${copy}</name>`)
    .replace(/^(<package [^>]*name=")([^"]*)"/, `$1$2-x${copy}"`)
    .replace(/(<location href="Packages\/[^"]*?)(-[^-"]*-[^-"]*")/, `$1-x${copy}$2`)
    .replaceAll(/(<rpm:entry name=")([^"/(]*)"/g, `$1$2-x${copy}"`)
}

/** The same package in a higher release. */
function bumped(fragment: string): string {
  return withPkgid(fragment, old => digestOf(`${old} bumped`))
    .replace(/(<version [^>]*rel="[^"]*)"/, '$1.bench1"')
    .replace(/(<location href="[^"]*)(\.[^."]*\.rpm")/, '$1.bench1$2')
}

function withPkgid(fragment: string, change: (old: string) => string): string {
  const old = /pkgid="(?:YES">)?([0-9a-f]{64})/.exec(fragment)![1]!
  return fragment.replaceAll(old, change(old))
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function repomdOf(data: string[]): string {
  const namespaces =
    'xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm"'
  return `<?xml version="1.0" encoding="UTF-8"?>\n<repomd ${namespaces}><revision>1</revision>\n${data.join('')}</repomd>\n`
}
