import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { run, shell } from '../harness/run.ts'
import type { Settings } from '../harness/settings.ts'
import { once } from '../harness/stamp.ts'
import { indexDirectory, signArchive } from './sign-archive.ts'
import type { SigningKey } from './signing-key.ts'

/** Two states of one signed archive of real packages, and the plain packages. */
export interface DebReal {
  today: string
  tomorrow: string
  debs: string
}

/**
 * The closure of `packages.list`, fetched once with the machine's own apt (about 1 GB), as an archive today; tomorrow
 * every 33rd package is repacked with a higher version, every 100th is new and every 100th is gone. What comes and goes are
 * renamed copies, so that both states stay closed under dependencies.
 */
export async function debReal(settings: Settings, key: SigningKey): Promise<DebReal> {
  const { directory } = settings
  const debs = join(directory, 'debs')
  const upstreams = join(directory, 'upstreams')
  const today = join(upstreams, 'deb-today')
  const tomorrow = join(upstreams, 'deb-tomorrow')
  await once(directory, 'debs', () => fetchPackages(settings, debs))
  await once(directory, 'deb-real', async () => {
    for (const state of [today, tomorrow]) rmSync(state, { recursive: true, force: true })
    await fillPools(debs, join(directory, 'repacked'), today, tomorrow)
    for (const state of [today, tomorrow]) {
      mkdirSync(join(state, indexDirectory), { recursive: true })
      await run(shell(`cd '${state}'; apt-ftparchive packages pool >${indexDirectory}/Packages`))
      await signArchive(state, key)
    }
  })
  return { today, tomorrow, debs }
}

async function fetchPackages(settings: Settings, debs: string): Promise<void> {
  mkdirSync(join(debs, 'partial'), { recursive: true })
  const status = join(settings.directory, 'empty-status')
  writeFileSync(status, '')
  const list = readFileSync(join(import.meta.dirname, 'packages.list'), 'utf8')
    .trim()
    .split(/\s+/)
  const options = [
    `Dir::State::status=${status}`,
    `Dir::Cache::archives=${debs}`,
    'APT::Install-Recommends=1',
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : ['Debug::NoLocking=1']),
  ]
  const args = [
    ...options.flatMap(option => ['-o', option]),
    '-y',
    '--download-only',
    '-qq',
    'install',
    ...list,
  ]
  // A name with a dash behind it is kept out: alternatives that weigh 100 MB.
  await run({ program: 'apt-get', args: [...args, 'linux-image-rt-amd64-', 'debian-keyring-'] })
  for (const rest of ['partial', 'lock']) rmSync(join(debs, rest), { recursive: true, force: true })
}

async function fillPools(debs: string, scratch: string, today: string, tomorrow: string): Promise<void> {
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true })
  const files = readdirSync(debs)
    .filter(name => name.endsWith('.deb'))
    .sort()
  for (const [index, name] of files.entries()) {
    const file = join(debs, name)
    const place = index + 1
    putInto(today, file)
    if (place % 100 === 7) putInto(tomorrow, await repack(file, scratch, { name: '-benchnew', version: '' }))
    if (place % 100 === 57) putInto(today, await repack(file, scratch, { name: '-benchold', version: '' }))
    const next = place % 33 === 0 ? await repack(file, scratch, { name: '', version: '+bench1' }) : file
    putInto(tomorrow, next)
  }
}

/** As a real pool names it: below the first letter of its name, without the epoch. */
function putInto(archive: string, file: string): void {
  const [name, version, rest] = basename(file).split('_') as [string, string, string]
  const letter = name.startsWith('lib') ? name.slice(0, 4) : name.slice(0, 1)
  const target = join(archive, 'pool/main', letter, name, `${name}_${version.replace(/^.*%3a/, '')}_${rest}`)
  mkdirSync(dirname(target), { recursive: true })
  linkSync(file, target)
}

/** A copy under another name or version, with a file of its own; answers where it is. */
async function repack(
  file: string,
  scratch: string,
  suffix: { name: string; version: string },
): Promise<string> {
  const root = join(scratch, 'root')
  rmSync(root, { recursive: true, force: true })
  await run({ program: 'dpkg-deb', args: ['-R', file, root] })
  const controlFile = join(root, 'DEBIAN', 'control')
  const control = readFileSync(controlFile, 'latin1')
    .replace(/^Package: .*$/m, `$&${suffix.name}`)
    .replace(/^Version: .*$/m, `$&${suffix.version}`)
    .replace(suffix.name === '' ? /$^/ : /^(Essential|Important|Protected): .*\n/gm, '')
  writeFileSync(controlFile, control, 'latin1')
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(control)![1]!
  mkdirSync(join(root, 'usr', 'share'), { recursive: true })
  writeFileSync(join(root, 'usr', 'share', `CHANGED.${field('Package')}.bench`), 'tomorrow\n')
  const version = field('Version').replace(':', '%3a')
  const to = join(scratch, `${field('Package')}_${version}_${field('Architecture')}.deb`)
  await run({ program: 'dpkg-deb', args: ['--root-owner-group', '-Zxz', '-z1', '-b', root, to] })
  return to
}
