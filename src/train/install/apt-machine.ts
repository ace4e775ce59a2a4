import { YardError } from '../../model/index.ts'
import { findProgram, type Root } from '../../sandbox/index.ts'
import { keptBack, unknownToApt } from './answers.ts'
import { suitesOf } from './apt-suites.ts'
import { aptConfiguration, followText, sourcesListText } from './apt-texts.ts'
import type { Attempt } from './attempt.ts'
import { type AptSource, basesOf, type Offer } from './client-sources.ts'
import type { Machine, MachineMaker, Workshop } from './machine.ts'

/** Inside a root: what its apt is told, apart from what the root's own packages say. */
const place = '/etc/switchyard-gate'

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  DEBCONF_NONINTERACTIVE_SEEN: 'true',
}

/** No script of a package starts a service. */
const policy = '#!/bin/sh\nexit 101\n'

/**
 * Machines whose root mmdebstrap makes, once for each release, out of Essential packages and apt.
 * @throws YardError `unavailable` when mmdebstrap is missing.
 */
export async function aptMachines(workshop: Workshop): Promise<MachineMaker> {
  if ((await findProgram('mmdebstrap')) === undefined)
    throw new YardError('unavailable', 'no clean root can be made: mmdebstrap is missing', {
      hint: 'install the Debian package mmdebstrap',
    })
  const roots = new Map<string, Promise<CleanRoot>>()
  return {
    async clean(offer) {
      const bases = await basesOf(workshop.subject, offer, workshop.options)
      const key = [...offer.apt, ...bases].map(snapshotName).join(' ')
      const root = roots.get(key) ?? makeRoot(workshop, offer, bases, roots.size)
      roots.set(key, root)
      const made = await root
      if ('faults' in made) return made
      return machineIn(workshop, await workshop.sandbox.rootOver(made.root.directory), made.at)
    },
  }
}

/** A root, and the release whose lists its apt has read. */
type CleanRoot = { root: Root; at: string } | { faults: string[] }

function snapshotName({ record: { repository, timestamp } }: AptSource): string {
  return `${repository}@${timestamp}`
}

async function makeRoot(
  workshop: Workshop,
  offer: Offer,
  bases: AptSource[],
  number: number,
): Promise<CleanRoot> {
  const { subject, sandbox, attempt } = workshop
  const files = `${sandbox.directory}/sources-${number}`
  const root = await sandbox.emptyRoot()
  const { directory } = root
  const keyringOf = (source: AptSource) => `${files}/${snapshotName(source)}.asc`
  for (const source of [...offer.apt, ...bases])
    if (source.keys !== undefined) await sandbox.write(keyringOf(source), source.keys)
  const own = await suitesOf(subject.context, offer.apt, keyringOf)
  const further = await suitesOf(subject.context, bases, keyringOf)
  await sandbox.write(`${files}/sources.list`, sourcesListText([...own, ...further]))
  await sandbox.write(`${files}/preferences`, followText(own))
  const args = [
    ...['--mode=root', '--variant=apt', '--format=directory'],
    `--aptopt=Dir::Etc::Preferences "${files}/preferences"`,
    ...['--aptopt=Acquire::http::Proxy "DIRECT"', '--dpkgopt=force-unsafe-io'],
    ...['', directory, `${files}/sources.list`],
  ]
  const from = [offer.name, ...bases.map(snapshotName)].join(' and ')
  const made = await attempt(`mmdebstrap: a clean root from ${from}`, limits =>
    sandbox.run({ command: 'mmdebstrap', args, environment, ...limits }),
  )
  if (made.faults.length > 0) return made
  await sandbox.write(`${directory}${place}/apt.conf`, aptConfiguration(place))
  await sandbox.write(`${directory}/usr/sbin/policy-rc.d`, policy, 0o755)
  const { faults, output } = await update(workshop, root, offer)
  if (faults.length === 0) return { root, at: offer.name }
  // Where nothing is Essential mmdebstrap is content with nothing.
  return { faults: /^chroot: failed to run command/m.test(output) ? [nothingEssential] : faults }
}

const nothingEssential =
  'neither apt nor anything Essential is in it; `base` may name a repository that has them'

/** @param at the release whose lists its apt has read. */
function machineIn(workshop: Workshop, root: Root, at: string): Machine {
  let pointedAt = at
  return {
    async take(verb, offer, packages) {
      if (offer.name !== pointedAt) {
        const { faults } = await update(workshop, root, offer)
        if (faults.length > 0) return { faults, unknown: [] }
        pointedAt = offer.name
      }
      // Naming the packages has apt fail, and say why, where it would keep one back or remove it.
      const command = verb === 'install' ? 'install' : 'dist-upgrade'
      const { faults, output } = await apt(workshop, root, '--allow-downgrades', command, ...packages)
      if (faults.length > 0) return { faults, unknown: unknownToApt(output) }
      const kept = verb === 'install' ? [] : keptBack(output)
      return { faults: kept.length === 0 ? [] : [`kept back: ${kept.join(' ')}`], unknown: [] }
    },
    discard: () => workshop.sandbox.discard(root),
  }
}

/** Points a root's apt at a release, and nothing else. */
async function update(workshop: Workshop, root: Root, offer: Offer): Promise<Attempt> {
  const { subject, sandbox } = workshop
  const keyringOf = ({ name }: AptSource) => `${place}/${name}.asc`
  for (const source of offer.apt)
    if (source.keys !== undefined) await sandbox.write(`${root.files}${keyringOf(source)}`, source.keys)
  const suites = await suitesOf(subject.context, offer.apt, keyringOf)
  await sandbox.write(`${root.files}${place}/sources.list`, sourcesListText(suites))
  await sandbox.write(`${root.files}${place}/preferences`, followText(suites))
  return apt(workshop, root, 'update')
}

function apt({ sandbox, attempt }: Workshop, root: Root, ...args: string[]): Promise<Attempt> {
  return attempt(`apt-get ${args.join(' ')}`, limits =>
    sandbox.runInside(root, {
      command: 'apt-get',
      args: [`--config-file=${place}/apt.conf`, ...args],
      environment,
      ...limits,
    }),
  )
}
