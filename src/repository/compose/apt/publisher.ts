import type { AptOutput } from '../../../config/index.ts'
import { byteStringOfText, type SuiteRecord, YardError } from '../../../model/index.ts'
import type { OwnRepository, Publisher } from '../publisher.ts'
import { writeIndexes } from './write-indexes.ts'

/** Writes Packages files and a signed Release for one suite with one component. */
export function aptPublisher(repository: OwnRepository, output: AptOutput): Publisher {
  const suite = (date: SuiteRecord['date'], fingerprints: string[]): SuiteRecord => ({
    directory: `dists/${output.suite}`,
    suite: output.suite,
    origin: byteStringOfText(output.origin),
    label: byteStringOfText(output.label),
    codename: output.codename,
    date,
    components: [output.component],
    architectures: repository.architectures,
    trust: { kind: 'keys', fingerprints },
  })
  return {
    part: (date, keys) => ({ format: 'apt', suites: [suite(date, keys)] }),
    checkIdentity(previous) {
      const old = previous?.format === 'apt' ? previous.suites[0] : undefined
      if (old !== undefined) checkIdentity(repository, suite(old.date, []), old)
    },
    write: (context, packages, date) => writeIndexes(context, repository, output, packages, date),
    places: () =>
      repository.architectures.map(architecture => ({
        suite: output.suite,
        component: output.component,
        architecture,
      })),
  }
}

/** apt refuses a repository whose Origin, Label, Suite or Codename changed; so it is fixed at the first snapshot. */
function checkIdentity(repository: OwnRepository, suite: SuiteRecord, old: SuiteRecord): void {
  for (const field of ['origin', 'label', 'suite', 'codename'] as const)
    if (old[field] !== suite[field])
      throw new YardError(
        'refused',
        `${repository.name} (${repository.position}): its ${field} would change from ${JSON.stringify(old[field])} to ${JSON.stringify(suite[field])}, and every apt that uses it would refuse it; nothing was changed`,
        {
          hint: 'give it a new name, or run `switchyard sync --allow-identity-change`',
        },
      )
}
