import { type SuiteRecord, YardError } from '../../model/index.ts'
import type { Content } from '../../repository/index.ts'
import { joinPath } from '../../upstream/index.ts'
import { dnfRepoText } from './dnf-repo-text.ts'
import { preferencesText } from './preferences-text.ts'
import { sourcesText } from './sources-text.ts'
import type { Setup, SetupSubject } from './subject.ts'

/** An apt.sources with a stanza for every apt repository. @throws YardError `not-found` where there is none. */
export async function aptSources(content: Content, setup: Setup): Promise<string> {
  const texts = forClient(setup, 'apt').map(async ({ repository, view, record, place, unsealed }) =>
    sourcesText({
      title: `${place.title}, from ${setup.base}`,
      remarks: unsealed ? unsealedRemarks : [],
      uri: `${setup.base}${place.tree}`,
      suites: await Promise.all(
        record.suites.map(async suite => ({
          ...suite,
          sources: await hasSources(content, { repository, view }, suite),
        })),
      ),
      keys: await content.keys(repository, view),
      dated: place.dated || unsealed,
    }),
  )
  return (await Promise.all(texts)).join('\n')
}

const unsealedRemarks = [
  "Its Release files are upstream's own, with upstream's date and signature (`seal: false`): apt keeps what it has when what is",
  'served goes back to an older release, and cannot tell that a release has become too old.',
]

/** Whether the tree holds an index of source packages, in whatever compression. */
async function hasSources(
  content: Content,
  { repository, view }: Pick<SetupSubject, 'repository' | 'view'>,
  suite: SuiteRecord,
): Promise<boolean> {
  const directories = suite.components.length === 0 ? [''] : suite.components.map(name => `${name}/source/`)
  for (const directory of directories)
    for (const name of ['Sources.xz', 'Sources.gz', 'Sources']) {
      const path = joinPath(suite.directory, `${directory}${name}`)
      if ((await content.resolve(repository, view, path)) !== undefined) return true
    }
  return false
}

/** A dnf.repo with a section for every RPM repository. @throws YardError `not-found` where there is none. */
export async function dnfRepo(content: Content, setup: Setup): Promise<string> {
  const { base } = setup
  const texts = forClient(setup, 'dnf').map(async ({ repository, view, record, place }) => {
    const hasKeys = (await content.keys(repository, view)) !== undefined
    return dnfRepoText({
      title: place.title,
      repository: place.label,
      source: place.dated
        ? { baseurl: `${base}${place.tree}` }
        : { mirrorlist: `${base}${place.setup}mirrorlist` },
      signedMetadata: record.repodata.every(({ signed }) => signed),
      signedPackages: content.packagesSigned(repository),
      keys: hasKeys ? `${base}${place.setup}key.asc` : undefined,
    })
  })
  return (await Promise.all(texts)).join('\n')
}

/**
 * First the URL of a tree that never changes: metadata that dnf reads from it is of one piece. dnf asks for this list again
 * before it downloads packages; those that were gone by then are at the second URL, which answers what was served before, too.
 */
export function mirrorlist(setup: Setup): string {
  const [subject] = forClient(setup, 'dnf')
  const { fixed, place } = subject!
  return [...new Set([fixed, place.tree])].map(path => `${setup.base}${path}\n`).join('')
}

/** Every key that verifies some of it, each repository's once. @throws YardError `not-found` where all of it is trusted unverified. */
export async function keyFile(content: Content, { place, subjects }: Setup): Promise<string> {
  const found = await Promise.all(subjects.map(({ repository, view }) => content.keys(repository, view)))
  const keys = new Set(found.filter(armoured => armoured !== undefined))
  if (keys.size > 0) return [...keys].join('\n')
  throw new YardError('not-found', `${place.title}: it is trusted without signatures, there is no key`, {
    hint: 'apt.sources says `Trusted: yes` for it, and dnf.repo checks no signatures',
  })
}

/** @throws YardError `not-found` where there is no apt repository. */
export function preferences(setup: Setup): string {
  const suites = forClient(setup, 'apt').flatMap(({ record }) => record.suites)
  const { place, base } = setup
  return preferencesText(`Follow ${place.title}, from ${base}, backwards too`, suites, new URL(base).hostname)
}

type Format = SetupSubject['record']['format']
type Of<F extends Format> = SetupSubject & { record: { format: F } }

function forClient<F extends Format>({ place, subjects }: Setup, client: F): Of<F>[] {
  const found = subjects.filter((subject): subject is Of<F> => subject.record.format === client)
  if (found.length > 0) return found
  throw new YardError('not-found', `there is nothing for ${client} in ${place.title}`, {
    hint: `its clients are set up by ${place.setup}${client === 'apt' ? 'dnf.repo' : 'apt.sources'}`,
  })
}
