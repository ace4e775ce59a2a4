/** What a client's dnf.conf(5) repository section is made from. */
export interface DnfRepoFacts {
  /** For the name that dnf shows: what it points at. */
  title: string
  repository: string
  /** A tree that never changes, or the URL of the list that names the newest one. */
  source: { baseurl: string } | { mirrorlist: string }
  /** keys verify repomd.xml. */
  signedMetadata: boolean
  /** keys verify every package. */
  signedPackages: boolean
  /** URL of the keys; undefined where the operator trusts the upstream unverified. */
  keys: string | undefined
}

/**
 * A file for /etc/yum.repos.d. The mirrorlist answers one snapshot's own URL, so that one run of dnf sees one snapshot; a
 * minute later it asks again, where dnf's own default is two days.
 */
export function dnfRepoText(facts: DnfRepoFacts): string {
  const { title, repository, source, signedMetadata, signedPackages, keys } = facts
  const dated = 'baseurl' in source
  const lines = [
    `[${repository}]`,
    `name=${title}`,
    dated ? `baseurl=${source.baseurl}` : `mirrorlist=${source.mirrorlist}`,
    'enabled=1',
    `gpgcheck=${Number(signedPackages && keys !== undefined)}`,
    `repo_gpgcheck=${Number(signedMetadata && keys !== undefined)}`,
    ...(keys === undefined ? [] : [`gpgkey=${keys}`]),
    `metadata_expire=${dated ? 'never' : '1m'}`,
  ]
  return `${lines.join('\n')}\n`
}
