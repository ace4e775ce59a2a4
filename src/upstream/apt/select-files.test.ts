import { describe, expect, it } from 'vitest'
import type { AptUpstream } from '../../config/index.ts'
import { parseRelease } from '../../formats/index.ts'
import { digestOf } from '../../model/index.ts'
import { directoryOf, selectIndexFiles } from './select-files.ts'

const upstream: AptUpstream = {
  format: 'apt',
  urls: ['http://mirror.example.org/debian'],
  suites: ['stable'],
  components: ['main'],
  architectures: ['amd64'],
  sources: false,
  installer: false,
  keyring: undefined,
  trusted: true,
  checkValidUntil: true,
  transport: {
    concurrency: 1,
    rateLimit: undefined,
    attempts: 1,
    connectTimeoutSeconds: 1,
    idleTimeoutSeconds: 1,
    proxy: undefined,
    basicAuth: undefined,
    headers: [],
    clientCertificate: undefined,
    certificateAuthority: undefined,
  },
}

function releaseOf(paths: string[], digests = 'SHA256') {
  const line = (path: string) =>
    ` ${digestOf(Buffer.from(path)).slice(0, digests === 'SHA256' ? 64 : 32)} 10 ${path}\n`
  const head =
    'Date: Sat, 21 Nov 2026 06:00:00 UTC\nArchitectures: all amd64 arm64\nComponents: main contrib updates/main\n'
  return parseRelease(Buffer.from(`${head}${digests}:\n${paths.map(line).join('')}`), 'Release')
}

function selected(paths: string[], changes: Partial<AptUpstream> = {}): string[] {
  return selectIndexFiles(releaseOf(paths), 'dists/stable', 'stable', { ...upstream, ...changes }).map(file =>
    file.path.slice('dists/stable/'.length),
  )
}

const packages = 'main/binary-amd64/Packages.gz'

describe('the files of a suite', () => {
  it('are those of the wanted components and architectures, and all of `all`', () => {
    const paths = [
      packages,
      'main/binary-all/Packages.gz',
      'main/binary-arm64/Packages.gz',
      'contrib/binary-amd64/Packages.gz',
    ]
    expect(selected(paths)).toEqual(['main/binary-all/Packages.gz', packages])
  })

  it('are found at once among as many architectures and components as a Release can name', () => {
    const names = Array.from({ length: 50_000 }, (_, i) => `n${i}`)
    const release = releaseOf([packages, ...names.map(name => `main/of-a-kind/${name}`)])
    const hostile = { ...release, architectures: names, components: names }
    expect(selectIndexFiles(hostile, 'dists/stable', 'stable', upstream)).toHaveLength(50_001)
  })

  it('include translations, dep11, cnf, Contents and kinds nobody has heard of', () => {
    const kinds = [
      'main/Contents-amd64.gz',
      'main/cnf/Commands-amd64.xz',
      'main/dep11/Components-amd64.yml.gz',
      'main/dep11/icons-64x64.tar.gz',
      'main/i18n/Translation-de.bz2',
      'main/novelty/thing.bin',
    ]
    const others = [
      'main/Contents-arm64.gz',
      'main/cnf/Commands-arm64.xz',
      'main/dep11/Components-arm64.yml.gz',
    ]
    expect(selected([packages, ...kinds, ...others])).toEqual([...kinds, packages].sort())
  })

  it('include sources and the installer only when asked', () => {
    const sources = ['main/source/Sources.gz', 'main/Contents-source.gz']
    const installer = [
      'main/debian-installer/binary-amd64/Packages.gz',
      'main/installer-amd64/current/images/SHA256SUMS',
      'main/Contents-udeb-amd64.gz',
    ]
    expect(selected([packages, ...sources, ...installer])).toEqual([packages])
    expect(selected([packages, ...sources], { sources: true })).toEqual([packages, ...sources].sort())
    expect(selected([packages, ...installer], { installer: true })).toEqual([packages, ...installer].sort())
  })

  it('know variants of one index by their stem, and which component and architecture it lists', () => {
    const release = releaseOf([packages, 'main/binary-amd64/Packages', 'main/binary-amd64/Packages.xz'])
    const files = selectIndexFiles(release, 'dists/stable', 'stable', upstream)
    expect(new Set(files.map(file => file.stem))).toEqual(
      new Set(['dists/stable/main/binary-amd64/Packages']),
    )
    expect(
      files.every(
        file => file.kind === 'packages' && file.component === 'main' && file.architecture === 'amd64',
      ),
    ).toBe(true)
  })

  it('are refused when one is listed without a SHA-256', () => {
    expect(() =>
      selectIndexFiles(releaseOf([packages], 'MD5Sum'), 'dists/stable', 'stable', upstream),
    ).toThrow(/stable: its Release lists main\/binary-amd64\/Packages.gz without a SHA-256/)
  })

  it('say what the suite has when a component or an architecture is not in it', () => {
    expect(() => selected([packages], { components: ['mian'] })).toThrow(/no component mian/)
    expect(() => selected([packages], { architectures: ['riscv64'] })).toThrow(
      /no packages for architecture riscv64/,
    )
  })

  it('of a flat suite lie in its directory', () => {
    const flat = { ...upstream, suites: ['./'], components: [] }
    expect(
      selectIndexFiles(releaseOf(['Packages', 'Packages.gz']), '', './', flat).map(file => [
        file.path,
        file.kind,
      ]),
    ).toEqual([
      ['Packages', 'packages'],
      ['Packages.gz', 'packages'],
    ])
  })
})

it('a suite lies below dists, a flat one in the directory that it names', () => {
  expect(['stable', 'stable/updates', './', './deb/', 'x/y/'].map(directoryOf)).toEqual([
    'dists/stable',
    'dists/stable/updates',
    '',
    'deb',
    'x/y',
  ])
})
