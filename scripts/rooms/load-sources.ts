import { glob, readFile } from 'node:fs/promises'
import type { Sources } from './faults.ts'
import { readSource, type Source } from './source.ts'

/** Every TypeScript file under `src/`, read. Runs in the checkout's root. */
export async function loadSources(): Promise<Sources> {
  const sources = new Map<string, Source>()
  for await (const file of glob('src/**/*.ts'))
    sources.set(file, readSource(file, await readFile(file, 'utf8')))
  return sources
}
