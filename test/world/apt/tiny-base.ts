import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { controlOf, type PackageSpec } from './deb-package.ts'

/** What dpkg, apt and the scripts of packages call for. */
const programs = `sh awk base64 cat chmod chown cp cut date dirname basename echo env expr false find grep head id ln ls mkdir mktemp mv
  readlink rm rmdir sed sleep sort stat tail tar test touch tr true uname wc xargs gzip diff mktemp ldconfig start-stop-daemon
  dpkg dpkg-deb dpkg-divert dpkg-query dpkg-split dpkg-statoverride dpkg-trigger update-alternatives
  apt-get apt-cache apt-config apt-mark gpgv`
const data = [
  '/usr/bin/apt-key',
  ...['cputable', 'ostable', 'tupletable'].map(name => `/usr/share/dpkg/${name}`),
]
const methods = ['http', 'gpgv', 'store', 'copy', 'file'].map(name => `/usr/lib/apt/methods/${name}`)

const files = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n',
  '/etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  '/etc/debian_version': 'tiny\n',
}

let built: PackageSpec | undefined

/**
 * The smallest base that a root can be made of: one Essential package out of this machine's own dpkg, apt, shell and what they
 * need, 30 MB. Its programs are real ones.
 */
export function tinyBase(): PackageSpec {
  built ??= build()
  return built
}

function build(): PackageSpec {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-base-'))
  try {
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
      mkdirSync(join(directory, 'usr', name), { recursive: true })
      symlinkSync(`usr/${name}`, join(directory, name))
    }
    for (const name of [
      'root',
      'tmp',
      'proc',
      'sys',
      'run',
      'var/log',
      'var/tmp',
      'etc/apt/apt.conf.d',
      'usr/share/dpkg',
    ])
      mkdirSync(join(directory, name), { recursive: true })
    for (const name of ['tmp', 'var/tmp']) chmodSync(join(directory, name), 0o1777)
    const binaries = [...new Set(programs.split(/\s+/))].map(which)
    const wanted = [...binaries, ...methods]
    for (const file of [...wanted, ...data, ...librariesOf(wanted)]) copyInto(directory, file)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
    const spec: PackageSpec = { name: 'tiny-base', version: '1', fields: { Essential: 'yes' } }
    mkdirSync(join(directory, 'DEBIAN'))
    writeFileSync(join(directory, 'DEBIAN/control'), `${controlOf(spec)}\n`)
    const file = `${directory}.deb`
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', directory, file], {
      stdio: 'pipe',
    })
    const bytes = readFileSync(file)
    rmSync(file)
    return { ...spec, bytes }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function which(name: string): string {
  for (const directory of ['/usr/bin', '/usr/sbin', '/bin', '/sbin'])
    try {
      readFileSync(join(directory, name))
      return join(directory, name)
    } catch {}
  throw new Error(`this machine has no ${name}`)
}

/** Every library that the programs load, and what loads them. */
function librariesOf(files: string[]): string[] {
  const output = execFileSync('sh', [
    '-c',
    'for file; do ldd "$file" 2>/dev/null || true; done',
    'sh',
    ...files,
  ]).toString()
  return [...new Set([...output.matchAll(/(\/\S+) \(0x/g)].map(([, file]) => file!))]
}

/** Into the merged /usr, whatever link the file was named by. */
function copyInto(directory: string, file: string): void {
  const place = file.replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/')
  const target = join(directory, place)
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(file, target)
  chmodSync(target, 0o755)
  if (basename(place) === 'ld-linux-x86-64.so.2' && !place.startsWith('/usr/lib64/'))
    copyInto(directory, `/lib64/${basename(place)}`)
}
