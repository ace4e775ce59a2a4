import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What a test package is made of: files by path within the package (`DEBIAN/control` included), and more by `prepare`. */
export interface PackageRecipe {
  files: { [path: string]: string | Buffer }
  /** May make links and devices in the package's root directory before it is packed. */
  prepare?: (root: string) => void
  /** Options of dpkg-deb: `-Zxz`, `--no-uniform-compression`. */
  options?: string[]
}

/** A package as the real dpkg-deb builds it. */
export function buildPackage({ files, prepare, options = [] }: PackageRecipe): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-deb-'))
  try {
    const root = join(directory, 'root')
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
    }
    prepare?.(root)
    const file = join(directory, 'test.deb')
    execFileSync('dpkg-deb', ['--root-owner-group', ...options, '-b', root, file], { stdio: 'pipe' })
    return readFileSync(file)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Output of a program about a package, which it gets as a file behind its options. */
export function askAbout(deb: Buffer, program: string, ...options: string[]): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-deb-'))
  try {
    const file = join(directory, 'test.deb')
    writeFileSync(file, deb)
    return execFileSync(program, [...options, file], {
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

export function controlOf(name: string, version = '1.0-1'): string {
  return [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: Nobody <nobody@example.org>',
    'Description: a package for tests',
    ' with a second line',
    '',
  ].join('\n')
}
