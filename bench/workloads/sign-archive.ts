import { setTimeout as delay } from 'node:timers/promises'
import { run, shell } from '../harness/run.ts'
import type { SigningKey } from './signing-key.ts'

export const suite = 'bookworm'
export const component = 'main'
export const architecture = 'amd64'
export const indexDirectory = `dists/${suite}/${component}/binary-${architecture}`

/**
 * Finishes an archive whose uncompressed Packages file is in place: compressed variants, by-hash, Release, InRelease and
 * Release.gpg. Every archive is dated a second after the one before, so that none looks stale.
 */
export async function signArchive(directory: string, key: SigningKey): Promise<void> {
  await delay(1100)
  await run(shell(compressAndLink(directory)))
  const identity = { Origin: 'Bench', Label: 'Bench', Suite: 'stable', Codename: suite }
  const fields = { ...identity, Architectures: architecture, Components: component, 'Acquire-By-Hash': 'yes' }
  const options = Object.entries(fields).flatMap(([name, value]) => [
    '-o',
    `APT::FTPArchive::Release::${name}=${value}`,
  ])
  const release = `dists/${suite}/Release`
  await run(
    shell(
      `cd '${directory}'; apt-ftparchive ${options.join(' ')} release dists/${suite} >new; mv new ${release}`,
    ),
  )
  const sign = (how: string, to: string) =>
    run(
      shell(
        `cd '${directory}'; gpg --batch --yes -u ${key.user} ${how} -o dists/${suite}/${to} ${release}`,
        key.environment,
      ),
    )
  await sign('--clearsign', 'InRelease')
  await sign('-abs', 'Release.gpg')
}

function compressAndLink(directory: string): string {
  return `cd '${directory}/${indexDirectory}'
gzip -9nkf Packages; xz -6kf Packages
for pair in MD5Sum:md5sum SHA256:sha256sum SHA512:sha512sum; do
  mkdir -p by-hash/\${pair%%:*}
  for file in Packages Packages.gz Packages.xz; do
    ln -f $file by-hash/\${pair%%:*}/$(\${pair##*:} <$file | cut -d' ' -f1)
  done
done`
}
