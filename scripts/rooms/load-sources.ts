import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sources } from './faults.ts'
import { readSource, type Source } from './source.ts'

/** Every TypeScript file under `src/`, read. Runs in the checkout's root. */
export async function loadSources(): Promise<Sources> {
  const sources = new Map<string, Source>()
  // Not by a glob: the search for dead code would take that for a use of every file.
  for (const name of (await readdir('src', { recursive: true })).sort()) {
    const file = join('src', name)
    if (file.endsWith('.ts')) sources.set(file, readSource(file, await readFile(file, 'utf8')))
  }
  return sources
}
