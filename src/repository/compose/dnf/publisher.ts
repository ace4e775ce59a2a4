import type { DnfOutput } from '../../../config/index.ts'
import type { OwnRepository, Publisher } from '../publisher.ts'
import { writeRepodata } from './write-repodata.ts'

/** Writes repodata/ with primary, filelists, other and what is about several packages, signed by the yard's keys. */
export function dnfPublisher(repository: OwnRepository, output: DnfOutput): Publisher {
  return {
    part: (date, fingerprints) => ({
      format: 'dnf',
      repodata: [{ directory: '', revision: '', date, signed: true, trust: { kind: 'keys', fingerprints } }],
    }),
    checkIdentity: () => undefined,
    write: (context, packages, date, inputs) =>
      writeRepodata(context, repository, output, packages, date, inputs),
    places: ({ architecture }) => [{ suite: '', component: '', architecture }],
  }
}
