import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ours } from './findings.ts'
import { keepState } from './keep-state.ts'
import type { Mirror } from './mirror.ts'
import { type Command, run } from './run.ts'
import type { Settings } from './settings.ts'

/** A yard of ours, and the bundled command on it. */
export interface OurYard extends Mirror {
  directory: string
  command(...args: string[]): Command
}

/** What `switchyard sync --json` says of one repository, as far as it is measured here. */
export interface SyncAnswer {
  repository: string
  outcome: 'created' | 'unchanged' | 'stale' | 'failed'
  snapshot: { record: { timestamp: string; files: string; packages: string } }
  error?: { message: string }
  cost: {
    newFilePages: number
    newFilePageBytes: number
    newPackagePages: number
    newPackagePageBytes: number
    requests: number
    fetchedBytes: number
    milliseconds: number
  }
}

/** What a yard keeps that is not written once under a name of its content. */
const mutable = [
  'catalog.sqlite',
  'catalog.sqlite-wal',
  'catalog.sqlite-shm',
  'refs',
  'locks',
  'partial',
  'tmp',
]

/** A yard named NAME whose repositories are `configuration` (YAML), its signing key made. `sync` is all of them. */
export function createYard(settings: Settings, name: string, configuration: string): OurYard {
  const directory = join(settings.directory, 'yards', name)
  const command = (verb: string, ...args: string[]): Command => ({
    program: join(settings.checkout, 'dist', 'switchyard.js'),
    args: [verb, '--yard', directory, ...args],
  })
  async function clear(): Promise<void> {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(join(settings.directory, 'yards'), { recursive: true })
    await run(command('init', '--mirror', 'http://127.0.0.1:9/none'))
    writeFileSync(join(directory, 'switchyard.yaml'), configuration)
  }
  return {
    who: ours,
    directory,
    command: (verb = '', ...args) => command(verb, ...args),
    sync: command('sync', '--json'),
    clear,
    ...keepState(directory, mutable),
    check: output => void syncAnswers(output),
  }
}

/** @throws Error when a repository failed, though the command ended well. */
export function syncAnswers(output: string): SyncAnswer[] {
  const line = output.split('\n').find(text => text.startsWith('['))
  if (line === undefined) throw new Error(`no answer in: ${output}`)
  const answers = JSON.parse(line) as SyncAnswer[]
  const failed = answers.find(answer => answer.outcome === 'failed')
  if (failed !== undefined) throw new Error(`${failed.repository}: ${failed.error?.message}`)
  return answers
}

/** The answer of a sync of one repository that was to make a snapshot. @throws Error when it made none. */
export function createdAnswer(output: string): SyncAnswer {
  const [answer] = syncAnswers(output)
  if (answer?.outcome !== 'created') throw new Error(`no snapshot was made: ${output}`)
  return answer
}
