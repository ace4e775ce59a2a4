import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Name } from '../model/index.ts'
import type { CatalogOptions } from './catalog.ts'
import { openCatalog } from './open.ts'
import { added, commit, content, record } from './records.fixture.ts'

/** What another process does with a catalog; it prints a line when it is done, or has come so far. */
export type Errand =
  | { kind: 'open' }
  /** Commits snapshots `from` to `to` of a repository, each with 20 packages and blobs of its own. */
  | { kind: 'commit'; repository: string; from: number; to: number }
  /** Begins the repository's first snapshot, prints `under way` after 5,000 packages, and stays there. */
  | { kind: 'stay in a commit'; repository: string }

/** This file again, as a process of its own. */
export function send(options: CatalogOptions, errand: Errand): ChildProcess {
  const parameters = [import.meta.filename, JSON.stringify(options), JSON.stringify(errand)]
  return spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** The exit status once it has ended. */
export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

export async function saysSomething(child: ChildProcess): Promise<void> {
  await once(child.stdout!, 'data')
}

export async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await ended(child)
}

const [, self, options, errand] = process.argv
if (self === import.meta.filename && options !== undefined && errand !== undefined)
  await run(JSON.parse(options), JSON.parse(errand))

async function run(options: CatalogOptions, errand: Errand): Promise<void> {
  const catalog = await openCatalog(options)
  if (errand.kind === 'commit')
    for (let number = errand.from; number <= errand.to; number++) {
      const ofTheirs = Array.from({ length: 20 }, (_, index) => `${errand.repository}-${number}-${index}`)
      await commit(
        catalog,
        errand.repository,
        number,
        ofTheirs.map(name => added(name)),
        ofTheirs.map(name => content(name)),
      )
      console.log(number)
    }
  if (errand.kind === 'stay in a commit')
    await catalog.commitSnapshot({
      record: record(errand.repository as Name, 1, { packageCount: 1, fileCount: 0, byteCount: 0 }),
      base: undefined,
      packages: endless(),
      content: [],
    })
  await catalog.close()
}

async function* endless() {
  for (let number = 0; number < 5000; number++) yield added(`package-${number}`)
  console.log('under way')
  await new Promise(resolve => setTimeout(resolve, 600_000))
}
