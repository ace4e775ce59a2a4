import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DebianArchive, debianArchive, initialConfiguration, parseAptSources } from '../config/index.ts'
import { YardError } from '../model/index.ts'
import { configurationName, openYard } from '../yard/index.ts'
import type { Cli } from './context.ts'

const codename = 'bookworm'
const architecture = 'amd64'
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
/** What the first slice is made of. */
const packages = ['nginx', 'openssh-server', 'curl']

export interface ArchiveChoice {
  mirror?: string
  securityMirror?: string
}

/**
 * Makes a yard: the directory, a commented switchyard.yaml for Debian as this machine's apt gets it, and the signing key.
 * @throws YardError `exists` when there is one; `configuration` when no archive is known or Debian's keyring is missing.
 */
export async function createYard(
  cli: Cli,
  directory: string,
  choice: ArchiveChoice,
): Promise<{ file: string }> {
  const file = join(directory, configurationName)
  if (existsSync(file))
    throw new YardError('exists', `there is a yard in ${directory} already; nothing was changed`, {
      hint: 'use it, or name another directory with --yard',
    })
  const archive = await chooseArchive(choice)
  if (!existsSync(keyring))
    throw new YardError('configuration', `Debian's keyring ${keyring} is missing; nothing was made`, {
      hint: 'install the package debian-archive-keyring',
    })
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(file, initialConfiguration({ codename, architecture, ...archive, keyring, packages }), {
    flag: 'wx',
    mode: 0o600,
  })
  const open = await openYard(directory, { environment: cli.environment })
  try {
    await open.keys()
  } finally {
    await open.close()
  }
  return { file }
}

async function chooseArchive({ mirror, securityMirror }: ArchiveChoice): Promise<DebianArchive> {
  if (mirror !== undefined) {
    const base = mirror.replace(/\/+$/, '')
    return { mirrors: [base], securityMirrors: [securityMirror?.replace(/\/+$/, '') ?? `${base}-security`] }
  }
  const archive = debianArchive(await aptSources(), codename, () => undefined)
  if (archive.mirrors.length === 0)
    throw new YardError(
      'configuration',
      "this machine's apt names no Debian archive, so it is not known where to mirror from; nothing was made",
      {
        hint: 'name one: --mirror https://mirror.example.org/debian',
      },
    )
  const beside = archive.mirrors.map(url => `${url}-security`)
  return {
    mirrors: archive.mirrors,
    securityMirrors: archive.securityMirrors.length === 0 ? beside : archive.securityMirrors,
  }
}

/** Every source that apt would read, in apt's order. */
async function aptSources() {
  const directory = '/etc/apt/sources.list.d'
  const names = (await readdir(directory).catch(() => []))
    .filter(name => /\.(list|sources)$/.test(name))
    .sort()
  const files = ['/etc/apt/sources.list', ...names.map(name => join(directory, name))]
  const texts = await Promise.all(
    files.map(async file => ({ file, text: await readFile(file, 'utf8').catch(() => '') })),
  )
  return texts.flatMap(({ file, text }) => parseAptSources(file, text))
}
