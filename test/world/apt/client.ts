import { spawn } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface AptResult {
  status: number
  /** What it wrote, errors and warnings included. */
  output: string
}

/** A real apt in a directory of its own: sources, lists, cache, keys, dpkg's state and root; nothing of this machine. Keeps its state. */
export interface Apt {
  directory: string
  /** Replaces its only list of sources (deb822). */
  setSources(text: string): Promise<void>
  setPreferences(text: string): Promise<void>
  /** Runs any apt-get command; never throws for its status. `environment` adds to its own, `faketime` sets its clock (`+30d`). */
  get(
    args: string[],
    options?: { environment?: Record<string, string>; faketime?: string },
  ): Promise<AptResult>
  /** @throws when apt-get fails or warns. */
  update(options?: { faketime?: string }): Promise<string>
  /** Installs (upgrades, downgrades) into its own root with the real dpkg. @throws when it fails. */
  install(...args: string[]): Promise<string>
  /** Downloads packages; the names of the files in `directory/downloads`. @throws when it fails. */
  download(...packages: string[]): Promise<string[]>
  /** What an apt-cache command writes. */
  cache(...args: string[]): Promise<string>
  /** `apt-cache policy` of a package. */
  policy(
    name: string,
  ): Promise<{ installed: string | undefined; candidate: string | undefined; versions: string[] }>
  /** Version by name of what is installed. */
  installed(): Promise<Map<string, string>>
}

/** @param architectures dpkg's own first. */
export async function createApt(directory: string, architectures = ['amd64']): Promise<Apt> {
  const root = join(directory, 'root')
  const downloads = join(directory, 'downloads')
  for (const path of [
    'etc/apt/sources.list.d',
    'etc/apt/preferences.d',
    'etc/apt/trusted.gpg.d',
    'etc/apt/apt.conf.d',
    'etc/apt/auth.conf.d',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/log/apt',
    'var/lib/dpkg/info',
    'var/lib/dpkg/updates',
    'var/lib/dpkg/triggers',
  ])
    await mkdir(join(root, path), { recursive: true })
  await mkdir(downloads, { recursive: true })
  await writeFile(join(root, 'var/lib/dpkg/status'), '', { flag: 'a' })
  const configuration = join(directory, 'apt.conf')
  await writeFile(configuration, configurationText(root, architectures))

  async function get(...[args, options = {}]: Parameters<Apt['get']>): Promise<AptResult> {
    const command =
      options.faketime === undefined ? ['apt-get'] : ['faketime', '-f', options.faketime, 'apt-get']
    return run([...command, ...args], configuration, downloads, options.environment)
  }
  async function must(result: Promise<AptResult>): Promise<string> {
    const { status, output } = await result
    if (status !== 0) throw new Error(`apt failed with status ${status}:\n${output}`)
    return output
  }
  const cache = (...args: string[]) => must(run(['apt-cache', ...args], configuration, downloads))
  return {
    directory,
    get,
    setSources: text => writeFile(join(root, 'etc/apt/sources.list.d/test.sources'), text),
    setPreferences: text => writeFile(join(root, 'etc/apt/preferences.d/test'), text),
    async update(options = {}) {
      const output = await must(get(['update'], options))
      if (/^[WE]: /m.test(output)) throw new Error(`apt-get update warned:\n${output}`)
      return output
    },
    install: (...args) => must(get(['install', ...args])),
    async download(...packages) {
      await must(get(['download', ...packages]))
      return (await readdir(downloads)).sort()
    },
    cache,
    async policy(name) {
      const output = await cache('policy', name)
      const field = (key: string) => {
        const value = new RegExp(`^  ${key}: (.*)$`, 'm').exec(output)?.[1]
        return value === '(none)' ? undefined : value
      }
      const versions = [...output.matchAll(/^ (?:\*\*\*| {3}) (\S+) -?\d+$/gm)].map(match => match[1]!)
      return { installed: field('Installed'), candidate: field('Candidate'), versions }
    },
    async installed() {
      const format = `${['Package', 'Version', 'db:Status-Status'].map(field => `$\{${field}}`).join(' ')}\n`
      const query = ['dpkg-query', `--admindir=${root}/var/lib/dpkg`, '-W', '-f', format]
      const { output } = await run(query, configuration, downloads)
      const rows = output.split('\n').map(line => line.split(' '))
      return new Map(rows.filter(row => row[2] === 'installed').map(row => [row[0]!, row[1]!]))
    },
  }
}

function configurationText(root: string, architectures: string[]): string {
  return `
Dir "${root}";
Dir::State::status "${root}/var/lib/dpkg/status";
Dir::Bin::methods "/usr/lib/apt/methods";
APT::Architecture "${architectures[0]}";
APT::Architectures { ${architectures.map(name => `"${name}";`).join(' ')} };
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Get::Assume-Yes "true";
Acquire::Languages "none";
Acquire::Retries "0";
Acquire::http::Proxy "DIRECT";
Dpkg::Use-Pty "false";
DPkg::Options { "--root=${root}"; "--force-not-root"; "--force-bad-path"; "--force-unsafe-io"; };
DPkg::Path "/usr/sbin:/usr/bin:/sbin:/bin";
`
}

function run(
  command: string[],
  configuration: string,
  cwd: string,
  environment: Record<string, string> = {},
): Promise<AptResult> {
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
    APT_CONFIG: configuration,
    ...environment,
  }
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        output += chunk
      })
    child.on('error', reject)
    child.on('close', status => resolve({ status: status ?? 255, output }))
  })
}
