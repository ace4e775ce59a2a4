import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from './settings.ts'

/** The command that installs what is missing of `bench/debian-packages`, or nothing. */
export function missingPackages(settings: Settings): string | undefined {
  const missing = wantedPackages(settings).filter(name => !isInstalled(name))
  if (missing.length === 0) return undefined
  return `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`
}

function wantedPackages(settings: Settings): string[] {
  return readFileSync(join(settings.checkout, 'bench', 'debian-packages'), 'utf8')
    .split('\n')
    .map(line => line.replace(/#.*/, '').trim())
    .filter(name => name !== '')
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', `\${db:Status-Status}`, name], { encoding: 'utf8' })
  return stdout === 'installed'
}
