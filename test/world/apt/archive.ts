import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hash } from '../hash.ts'
import type { Signing } from '../signing.ts'
import { flatIndexes, suiteIndexes } from './suite-indexes.ts'
import type { SuiteSpec } from './suite-spec.ts'

/** An APT archive in memory, its files exactly as a server hands them out. */
export interface Archive {
  suites: SuiteSpec[]
  /** By path; the paths are bytes as in the archive, not encoded for a URL. */
  files: Map<string, Buffer>
  /** When each file last changed, in milliseconds. */
  modified: Map<string, number>
  /** Changes the suites and publishes again. */
  update(change: (suites: SuiteSpec[]) => void): void
  /** The paths that a suite's Release names and that exist, Release files and by-hash names included. */
  pathsOf(suite: string): string[]
  /** Writes the whole archive into a directory. */
  writeTo(directory: string): void
}

const minute = 60_000
const day = 1440 * minute

/** Makes a signed archive. Old files stay when it is updated, as pools keep them for a while; only indexes are replaced. */
export function createArchive(signing: Signing, suites: SuiteSpec[]): Archive {
  const files = new Map<string, Buffer>()
  const modified = new Map<string, number>()
  const listed = new Map<string, string[]>()
  let clock = Math.floor((Date.now() - day) / 1000) * 1000
  const publish = () => {
    for (const suite of archive.suites) {
      const made = suiteFiles(signing, suite, suite.date ?? clock)
      listed.set(suite.name, [...made.metadata.keys()])
      for (const path of made.absent) files.delete(path)
      for (const [path, bytes] of [...made.pool, ...made.metadata]) {
        if (files.get(path)?.equals(bytes)) continue
        files.set(path, bytes)
        modified.set(path, clock)
      }
    }
    clock += minute
  }
  const archive: Archive = {
    suites,
    files,
    modified,
    update(change) {
      change(archive.suites)
      publish()
    },
    pathsOf: suite => listed.get(suite)!,
    writeTo(directory) {
      for (const [path, bytes] of files) {
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), bytes)
      }
    },
  }
  publish()
  return archive
}

interface SuiteFiles {
  pool: Map<string, Buffer>
  metadata: Map<string, Buffer>
  /** What an earlier publication may have left and this one has not. */
  absent: string[]
}

function suiteFiles(signing: Signing, suite: SuiteSpec, date: number): SuiteFiles {
  const isFlat = suite.name.endsWith('/')
  const directory = isFlat ? suite.name.replace(/^\.\//, '') : `dists/${suite.name}/`
  const pool = new Map<string, Buffer>()
  const indexes = isFlat ? flatIndexes(suite, directory, pool) : suiteIndexes(suite, pool)
  const metadata = new Map<string, Buffer>()
  const listed: [string, Buffer][] = []
  for (const { path, bytes, listedOnly, unlisted } of indexes) {
    if (!unlisted) listed.push([path, bytes])
    if (listedOnly) continue
    metadata.set(`${directory}${path}`, bytes)
    if ((suite.byHash ?? true) && !unlisted) {
      const slash = path.lastIndexOf('/') + 1
      metadata.set(`${directory}${path.slice(0, slash)}by-hash/SHA256/${hash('sha256', bytes)}`, bytes)
    }
  }
  const release = Buffer.from(releaseText(suite, isFlat, listed, date))
  const wanted = suite.documents ?? ['InRelease', 'Release', 'Release.gpg']
  const key = suite.key ?? 'good'
  for (const name of wanted)
    metadata.set(
      `${directory}${name}`,
      name === 'Release'
        ? release
        : name === 'InRelease'
          ? signing.inline(release, key)
          : signing.detached(release, key),
    )
  const absent = ['InRelease', 'Release', 'Release.gpg'].filter(name => !wanted.includes(name as 'Release'))
  return { pool, metadata, absent: absent.map(name => `${directory}${name}`) }
}

const algorithms = { MD5Sum: 'md5', SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const

function releaseText(suite: SuiteSpec, isFlat: boolean, files: [string, Buffer][], date: number): string {
  const name = isFlat ? 'flat' : suite.name
  const fields: { [field: string]: string } = {
    Origin: 'Example',
    Label: 'Example',
    ...(isFlat
      ? {}
      : { Suite: name, Codename: name, Components: Object.keys(suite.packages ?? { main: [] }).join(' ') }),
    Architectures: (suite.architectures ?? ['amd64']).join(' '),
    Date: new Date(date).toUTCString().replace('GMT', 'UTC'),
    ...(suite.validUntil === undefined
      ? {}
      : { 'Valid-Until': new Date(suite.validUntil).toUTCString().replace('GMT', 'UTC') }),
    ...((suite.byHash ?? true) ? { 'Acquire-By-Hash': 'yes' } : {}),
    ...suite.fields,
  }
  const head = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`)
  const unique = [...new Map(files)]
  const digests = (suite.digests ?? ['MD5Sum', 'SHA256']).map(
    field =>
      `${field}:\n${unique.map(([path, bytes]) => ` ${hash(algorithms[field], bytes)} ${String(bytes.length).padStart(8)} ${path}\n`).join('')}`,
  )
  return [...head, ...digests].join('')
}
