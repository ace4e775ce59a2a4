import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import type { TestProject } from 'vitest/node'

/**
 * One bundle for the whole test run: tests run the command thousands of times, and what is published starts three times as
 * fast as the sources. It lies where its packages are found.
 */
export default function setup(project: TestProject): () => void {
  const checkout = resolve(import.meta.dirname, '../..')
  const directory = resolve(checkout, `node_modules/.cache/switchyard-test-${process.pid}`)
  execFileSync(process.execPath, ['scripts/build.ts', directory], { cwd: checkout, stdio: 'pipe' })
  project.provide('bundle', directory)
  return () => rmSync(directory, { recursive: true, force: true })
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The directory of the bundled command. */
    bundle: string
  }
}
