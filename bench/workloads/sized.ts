import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, shell } from '../harness/run.ts'
import type { Settings } from '../harness/settings.ts'
import { once } from '../harness/stamp.ts'
import { indexDirectory, signArchive } from './sign-archive.ts'
import type { SigningKey } from './signing-key.ts'

/** An archive of packages of known sizes, for serving. */
export interface Sized {
  directory: string
  /** Paths below it. */
  small: string
  mebibyte: string
  large: string
}

const megabyte = 1024 * 1024

export async function sized(settings: Settings, key: SigningKey): Promise<Sized> {
  const directory = join(settings.directory, 'upstreams', 'sized')
  const pathOf = (name: string) => `pool/${name}_1_all.deb`
  await once(settings.directory, 'sized', async () => {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(join(directory, 'pool'), { recursive: true })
    mkdirSync(join(directory, indexDirectory), { recursive: true })
    for (const [name, bytes] of [
      ['small', 1],
      ['mebibyte', megabyte],
      ['large', 100 * megabyte],
    ] as const)
      await build(settings, name, bytes, join(directory, pathOf(name)))
    await run(shell(`cd '${directory}'; apt-ftparchive packages pool >${indexDirectory}/Packages`))
    await signArchive(directory, key)
  })
  return { directory, small: pathOf('small'), mebibyte: pathOf('mebibyte'), large: pathOf('large') }
}

/** A package around so many random bytes; it is some hundred bytes larger. */
async function build(settings: Settings, name: string, bytes: number, to: string): Promise<void> {
  const root = join(settings.directory, 'sized-root')
  rmSync(root, { recursive: true, force: true })
  mkdirSync(join(root, 'DEBIAN'), { recursive: true })
  const maintainer = 'Bench <bench@example.invalid>'
  const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: ${maintainer}\nDescription: ${name}\n`
  writeFileSync(join(root, 'DEBIAN', 'control'), control)
  writeFileSync(join(root, name), randomBytes(bytes))
  await run({
    program: 'dpkg-deb',
    args: ['--root-owner-group', bytes > 1 ? '-Znone' : '-Zxz', '-b', root, to],
  })
}
