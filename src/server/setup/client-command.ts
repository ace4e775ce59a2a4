import type { Name, SnapshotRecord } from '../../model/index.ts'

/** The one line that points the client of the machine that runs it at a repository, and which client that is. */
export function clientCommand(
  base: string,
  name: Name,
  format: SnapshotRecord['format'],
): { client: string; command: string } {
  const fetched = (file: string, target: string) =>
    `curl -fsS ${base}/setup/${name}/${file} | sudo tee ${target} >/dev/null`
  return format === 'apt'
    ? {
        client: 'apt',
        command: `${fetched('apt.sources', `/etc/apt/sources.list.d/switchyard-${name}.sources`)} && sudo apt-get update`,
      }
    : {
        client: 'dnf',
        command: `${fetched('dnf.repo', `/etc/yum.repos.d/switchyard-${name}.repo`)} && sudo dnf makecache`,
      }
}
