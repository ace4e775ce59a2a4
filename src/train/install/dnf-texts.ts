import type { DnfSource } from './client-sources.ts'

/** A dnf.conf(5) that keeps everything below a directory and takes nothing but the newest that is offered. */
export function dnfConfiguration(directory: string): string {
  return `[main]
reposdir=${directory}/repos.d
varsdir=${directory}/vars
cachedir=${directory}/cache
persistdir=${directory}/persist
logdir=${directory}/log
best=1
plugins=0
retries=1
`
}

/** Sections of a .repo file: a repository, and of an installation tree its variants. */
export function repositoryText(source: DnfSource, keys: string): string {
  const { name, url, record, packagesSigned } = source
  const sections = record.repodata.map(({ directory, signed }, i) =>
    [
      `[${name}${i === 0 ? '' : `-${i}`}]`,
      `name=${name}`,
      `baseurl=${url}/${directory === '' ? '' : `${directory}/`}`,
      `gpgcheck=${Number(packagesSigned && source.keys !== undefined)}`,
      `repo_gpgcheck=${Number(signed && source.keys !== undefined)}`,
      ...(source.keys === undefined ? [] : [`gpgkey=file://${keys}`]),
      'proxy=_none_',
    ].join('\n'),
  )
  return `${sections.join('\n\n')}\n`
}
