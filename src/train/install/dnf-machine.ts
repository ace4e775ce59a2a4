import { YardError } from '../../model/index.ts'
import { findProgram, type Root } from '../../sandbox/index.ts'
import { unknownToDnf } from './answers.ts'
import type { Offer } from './client-sources.ts'
import { dnfConfiguration, repositoryText } from './dnf-texts.ts'
import { errorLines, hasFailedScriptlet } from './error-lines.ts'
import type { Machine, MachineMaker, Workshop } from './machine.ts'

/**
 * Machines whose root is empty: what every machine needs comes as a dependency of what is installed.
 * @throws YardError `unavailable` when dnf is missing.
 */
export async function dnfMachines({ sandbox, attempt }: Workshop): Promise<MachineMaker> {
  if ((await findProgram('dnf')) === undefined)
    throw new YardError('unavailable', 'nothing can be installed: dnf is missing', {
      hint: 'install the Debian package dnf',
    })
  let made = 0
  return {
    clean: async () => machineIn(await sandbox.emptyRoot(), `${sandbox.directory}/dnf-${made++}`),
  }

  function machineIn(root: Root, directory: string): Machine {
    const environment = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: `${directory}/home`,
      LC_ALL: 'C.UTF-8',
    }
    const common = [
      ...['--assumeyes', '--config', `${directory}/dnf.conf`, `--installroot=${root.directory}`],
      ...['--releasever=1', '--refresh'],
    ]
    const dnf = async (...args: string[]) => {
      const done = await attempt(`dnf ${args.join(' ')}`, limits =>
        sandbox.runBeside(root, { command: 'dnf', args: [...common, ...args], environment, ...limits }),
      )
      if (done.faults.length > 0 || !hasFailedScriptlet(done.output)) return done
      return { ...done, faults: errorLines(done.output) }
    }
    const have = new Set<string>()
    const installed = async (packages: readonly string[]) => {
      const { faults, output } = await dnf('install', ...packages)
      if (faults.length === 0) for (const name of packages) have.add(name)
      return { faults, unknown: unknownToDnf(output) }
    }
    return {
      async take(verb, offer, packages) {
        await pointAt(offer, directory)
        if (verb === 'install') return installed(packages)
        const { faults } = await dnf('distro-sync')
        const missing = packages.filter(name => !have.has(name))
        // Going back, what the older release does not have may stay or go.
        if (faults.length > 0 || verb === 'downgrade' || missing.length === 0) return { faults, unknown: [] }
        return installed(missing)
      },
      discard: () => sandbox.discard(root),
    }
  }

  async function pointAt(offer: Offer, directory: string): Promise<void> {
    await sandbox.write(`${directory}/dnf.conf`, dnfConfiguration(directory))
    // Debian's rpm keeps its database in the home directory of whoever runs it, whatever the root.
    await sandbox.write(`${directory}/home/.rpmmacros`, '%_dbpath /var/lib/rpm\n')
    const sections = []
    for (const source of offer.dnf) {
      const keys = `${directory}/${source.name}.asc`
      if (source.keys !== undefined) await sandbox.write(keys, source.keys)
      sections.push(repositoryText(source, keys))
    }
    await sandbox.write(`${directory}/repos.d/gate.repo`, sections.join('\n'))
  }
}
