import { execFileSync, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { version } from '../src/cli/version.ts'

const command = resolve(import.meta.dirname, '../bin/switchyard')

it('the command of a checkout runs its sources', () => {
  expect(execFileSync(command, ['--version'], { encoding: 'utf8' })).toBe(`${version}\n`)
  expect(spawnSync(command, ['no-such-verb'])).toMatchObject({ status: 2 })
})
