import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender } from '../../harness/measure.ts'
import { run, shell } from '../../harness/run.ts'
import type { Settings } from '../../harness/settings.ts'
import type { RpmReal } from '../../workloads/rpm-real.ts'

export const createrepo = 'createrepo_c'
/** It writes primary, filelists and other, as we do, and no SQLite of them. */
export const createrepoWithoutDatabase = 'createrepo_c, no database'

const variants = [
  [createrepo, ''],
  [createrepoWithoutDatabase, '--no-database --general-compress-type=gz'],
] as const

/** createrepo_c on a directory of its own, with as many workers as two cores have. */
export function createrepos(settings: Settings, { today, tomorrow, packages }: RpmReal) {
  const home = join(settings.directory, 'createrepo')
  const line = (options: string) => `createrepo_c -q --workers 2 ${options} '${home}'`
  async function show(state: string): Promise<void> {
    rmSync(join(home, packages), { recursive: true, force: true })
    mkdirSync(home, { recursive: true })
    await run(shell(`cp -al '${state}/${packages}' '${home}/${packages}'`))
  }
  async function fromToday(options: string): Promise<void> {
    rmSync(home, { recursive: true, force: true })
    await show(today)
    if (options !== 'nothing') await run(shell(line(options)))
  }
  return {
    scratch: variants.map(
      ([who, options]): Contender => ({
        who,
        prepare: () => fromToday('nothing'),
        command: shell(line(options)),
      }),
    ),
    unchanged: variants.map(
      ([who, options]): Contender => ({
        who: `${who} --update`,
        prepare: () => fromToday(options),
        command: shell(line(`${options} --update`)),
      }),
    ),
    changed: variants.map(
      ([who, options]): Contender => ({
        who: `${who} --update`,
        prepare: async () => {
          await fromToday(options)
          await show(tomorrow)
        },
        command: shell(line(`${options} --update`)),
      }),
    ),
  }
}
