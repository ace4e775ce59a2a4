import { readFileSync } from 'node:fs'
import { arch, cpus, release, totalmem } from 'node:os'
import { run, shell } from './run.ts'
import type { Settings } from './settings.ts'

/** Where and with what a table was measured. */
export interface Machine {
  date: string
  cpu: string
  cores: number
  memoryGiB: number
  kernel: string
  distribution: string
  fileSystem: string
  /** Ours first, then the runtime and the peers. */
  versions: Record<string, string>
}

export async function describeMachine(settings: Settings, peers: string[]): Promise<Machine> {
  const { version } = JSON.parse(readFileSync(`${settings.checkout}/package.json`, 'utf8')) as {
    version: string
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? arch(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    distribution: await printed('. /etc/os-release && echo "$PRETTY_NAME"'),
    fileSystem: await printed(`findmnt -no FSTYPE -T '${settings.directory}'`),
    versions: {
      switchyard: `${version} (${await printed(`git -C '${settings.checkout}' describe --always --dirty`)})`,
      node: process.version,
      ...(await packageVersions(peers)),
    },
  }
}

async function packageVersions(packages: string[]): Promise<Record<string, string>> {
  const output = await run({
    program: 'dpkg-query',
    args: ['-W', '-f', `\${Package} \${Version}\n`, ...packages],
  })
  return Object.fromEntries(
    output
      .trim()
      .split('\n')
      .map(line => line.split(' ') as [string, string]),
  )
}

async function printed(line: string): Promise<string> {
  return (await run(shell(line))).trim()
}
