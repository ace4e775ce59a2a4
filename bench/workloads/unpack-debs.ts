import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run, shell } from '../harness/run.ts'
import { twoAtOnce } from '../harness/two-at-once.ts'

/** What an RPM can be made of. */
export interface UnpackedDeb {
  /** Value by the name of the field, first lines only. */
  control: Record<string, string>
  /** Absolute paths of its files and links, where /usr is merged; sorted. */
  files: string[]
  /** Its postinst where that is a shell script, else empty. */
  script: string
}

/** What can stand in a list of files of rpmbuild as it is. */
const plainPath = /^[A-Za-z0-9._+/,=@:~-]+$/
const mergedDirectories = /^\/(bin|sbin|lib|lib64|lib32|libx32)\//

/** Unpacks every package of a directory over one `root`, which has merged /usr; in the order of their names. */
export async function unpackDebs(debs: string, root: string): Promise<UnpackedDeb[]> {
  const links = ['bin', 'sbin', 'lib', 'lib64', 'lib32', 'libx32']
  const link = links.map(name => `mkdir -p usr/${name}; ln -sfn usr/${name} ${name}`).join('; ')
  await run(shell(`mkdir -p '${root}'; cd '${root}'; ${link}`))
  const files = readdirSync(debs)
    .filter(name => name.endsWith('.deb'))
    .sort()
  return twoAtOnce(files, name => unpack(join(debs, name), root))
}

async function unpack(deb: string, root: string): Promise<UnpackedDeb> {
  const listing = await run(
    shell(
      `dpkg-deb --fsys-tarfile '${deb}' | tar -xv --keep-directory-symlink --overwrite --no-same-owner -C '${root}'`,
    ),
  )
  const control = await run(shell(`dpkg-deb -f '${deb}'`))
  const script = await run(shell(`dpkg-deb --ctrl-tarfile '${deb}' | tar -xO ./postinst 2>/dev/null || true`))
  return {
    control: Object.fromEntries([...control.matchAll(/^([A-Za-z-]+): (.*)$/gm)].map(([, k, v]) => [k!, v!])),
    files: filesOf(listing),
    script: /^#!\s*\/bin\/(sh|bash)/.test(script) ? script : '',
  }
}

function filesOf(listing: string): string[] {
  const paths = listing
    .split('\n')
    .filter(line => line !== '' && !line.endsWith('/'))
    .map(line => line.replace(/^\.\//, '/'))
    .filter(path => plainPath.test(path))
    .map(path => path.replace(mergedDirectories, '/usr/$1/'))
  return [...new Set(paths)].sort()
}
