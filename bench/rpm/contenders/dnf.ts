import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepState } from '../../harness/keep-state.ts'
import type { Mirror } from '../../harness/mirror.ts'
import { type Command, shell } from '../../harness/run.ts'
import type { Settings } from '../../harness/settings.ts'

/** dnf with one repository, apart from the machine's own; as a mirror it is reposync. It verifies no signature here. */
export interface Dnf extends Mirror {
  /** dnf's command line with its configuration. */
  dnf(line: string): Command
  /** Forgets what it knows of the repository. */
  forget(): Promise<void>
}

/** `url`: of the repository. */
export function createDnf(settings: Settings, name: string, url: string): Dnf {
  const home = join(settings.directory, `dnf-${name}`)
  const cache = join(home, 'cache')
  const mirror = join(home, 'mirror')
  async function clear(): Promise<void> {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'dnf.conf'), configuration(home, url))
  }
  const line = (rest: string) => `dnf -q -y --releasever=1 -c ${join(home, 'dnf.conf')} ${rest}`
  const reposync = `reposync --repoid=up --download-metadata --norepopath --delete -p ${mirror}`
  return {
    who: 'dnf reposync',
    sync: shell(line(reposync)),
    clear,
    forget: async () => rmSync(cache, { recursive: true, force: true }),
    ...keepState(home, ['cache', 'persist', 'mirror/repodata']),
    dnf: rest => shell(line(rest)),
  }
}

function configuration(home: string, url: string): string {
  return `[main]
gpgcheck=0
reposdir=${home}/none
cachedir=${home}/cache
persistdir=${home}/persist
logdir=${home}
module_platform_id=platform:bench
plugins=1
max_parallel_downloads=10
[up]
name=up
baseurl=${url}
repo_gpgcheck=0
metadata_expire=0
`
}
