import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface DnfResult {
  status: number
  /** What it wrote, errors and warnings included. */
  output: string
}

/** A real dnf in a directory of its own, with an empty root to install into; nothing of this machine. Keeps its state. */
export interface Dnf {
  directory: string
  /** Replaces its only .repo file. */
  setRepository(text: string): void
  /** Runs any command; never throws for its status. */
  run(...args: string[]): Promise<DnfResult>
  /** @throws when it fails; answers what it wrote. */
  ok(...args: string[]): Promise<string>
  /** `name-[epoch:]version-release.architecture` of what is installed. */
  installed(): Promise<string[]>
  remove(): void
}

export function createDnf(): Dnf {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-dnf-'))
  const root = join(directory, 'root')
  for (const path of ['repos.d', 'vars', 'root/var/lib/rpm', 'home'])
    mkdirSync(join(directory, path), { recursive: true })
  const configuration = join(directory, 'dnf.conf')
  const setting = (key: string, value: string) => `${key}=${value}\n`
  writeFileSync(
    configuration,
    `[main]\n${setting('reposdir', join(directory, 'repos.d'))}${setting('cachedir', join(directory, 'cache'))}` +
      `${setting('persistdir', join(directory, 'persist'))}${setting('logdir', join(directory, 'log'))}` +
      `${setting('varsdir', join(directory, 'vars'))}${setting('install_weak_deps', '0')}` +
      `${setting('plugins', '1')}${setting('fastestmirror', '0')}${setting('retries', '1')}`,
  )
  // Debian's rpm keeps its database in the home directory of whoever runs it, whatever the root.
  writeFileSync(join(directory, 'home', '.rpmmacros'), '%_dbpath /var/lib/rpm\n')
  const environment = { PATH: process.env.PATH!, HOME: join(directory, 'home'), LC_ALL: 'C.UTF-8' }
  const execute = (command: string, args: string[]): Promise<DnfResult> =>
    new Promise(resolve =>
      execFile(
        command,
        args,
        { env: environment, maxBuffer: 1 << 26, timeout: 120_000 },
        (error, stdout, stderr) =>
          resolve({
            status: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
            output: `${stdout}${stderr}`,
          }),
      ),
    )
  // The plugin `local` would offer again whatever any test has installed.
  const common = [
    '-y',
    '-c',
    configuration,
    `--installroot=${root}`,
    '--releasever=1',
    '--disableplugin=local',
  ]
  const dnf: Dnf = {
    directory,
    setRepository: text => writeFileSync(join(directory, 'repos.d', 'test.repo'), text),
    run: (...args) => execute('dnf', [...common, ...args]),
    async ok(...args) {
      const { status, output } = await dnf.run(...args)
      if (status !== 0) throw new Error(`dnf ${args.join(' ')} failed with ${status}:\n${output}`)
      return output
    },
    async installed() {
      const format = '%{NAME}-%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}.%{ARCH}\\n'
      const { output } = await execute('rpm', ['--root', root, '-qa', '--qf', format])
      return output
        .split('\n')
        .filter(line => line !== '' && !line.startsWith('gpg-pubkey'))
        .sort()
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
  return dnf
}
