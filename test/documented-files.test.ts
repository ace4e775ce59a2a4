import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readConfiguration, readLockFile } from '../src/config/index.ts'

it('the lock file that docs/trains.md shows is a correct one', () => {
  const document = readFileSync(new URL('../docs/trains.md', import.meta.url), 'utf8')
  const example = /^```yaml\n(version: 1\n.*?)^```$/ms.exec(document)![1]!
  const configuration = readConfiguration(
    '/etc/yard/switchyard.yaml',
    `repositories:
  base: { uploads: deb }
trains:
  web: { repositories: [base], channels: { staging: {}, production: {} } }
`,
  )
  expect(readLockFile('/etc/yard/switchyard.lock.yaml', example, configuration).releases.size).toBe(2)
})
