import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, shell } from '../harness/run.ts'
import type { Settings } from '../harness/settings.ts'
import { once } from '../harness/stamp.ts'
import { twoAtOnce } from '../harness/two-at-once.ts'
import { debReal } from './deb-real.ts'
import { changedFile, type Plans, planRpms, specOf } from './rpm-specs.ts'
import { signRepodata } from './sign-repodata.ts'
import type { SigningKey } from './signing-key.ts'
import { unpackDebs } from './unpack-debs.ts'

/** Two states of one signed repository of RPMs. */
export interface RpmReal {
  today: string
  tomorrow: string
  /** The directory of packages below either. */
  packages: string
  /** Files of tomorrow that today has not, by absolute path. */
  fresh: string[]
}

const packages = 'Packages'
const perSpec = 250

/**
 * 2,970 RPMs (1.4 GB) made of the packages of `deb-real` by rpmbuild, which takes some minutes once; tomorrow 3 % have a
 * higher release, 30 are new and 30 are gone. createrepo_c writes the metadata.
 */
export async function rpmReal(settings: Settings, key: SigningKey): Promise<RpmReal> {
  const { directory } = settings
  const work = join(directory, 'rpms')
  const [today, tomorrow] = ['today', 'tomorrow'].map(day => join(directory, 'upstreams', `rpm-${day}`)) as [
    string,
    string,
  ]
  await once(directory, 'rpms', async () => {
    const { debs } = await debReal(settings, key)
    await buildRpms(debs, work)
  })
  await once(directory, 'rpm-real', async () => {
    for (const state of [today, tomorrow]) {
      rmSync(state, { recursive: true, force: true })
      mkdirSync(join(state, packages), { recursive: true })
    }
    fill(work, today, tomorrow)
    for (const state of [today, tomorrow]) {
      await run({ program: 'createrepo_c', args: ['-q', state] })
      await signRepodata(state, key)
    }
  })
  const old = new Set(readdirSync(join(today, packages)))
  const fresh = readdirSync(join(tomorrow, packages)).filter(name => !old.has(name))
  return { today, tomorrow, packages, fresh: fresh.map(name => join(tomorrow, packages, name)) }
}

async function buildRpms(debs: string, work: string): Promise<void> {
  rmSync(work, { recursive: true, force: true })
  const root = join(work, 'root')
  const plans = planRpms(await unpackDebs(debs, root))
  const specs: { spec: string; to: string }[] = []
  for (let first = 0; first < plans.all.length; first += perSpec) {
    const spec = join(work, `today-${first}.spec`)
    writeFileSync(spec, specOf(`bench${first}`, plans.all.slice(first, first + perSpec)))
    specs.push({ spec, to: 'built' })
  }
  const changed = plans.all.filter(({ name }) => plans.changed.has(name))
  mkdirSync(join(root, 'usr/share/bench'), { recursive: true })
  for (const { name } of changed) writeFileSync(join(root, changedFile(name)), 'tomorrow\n')
  const spec = join(work, 'tomorrow.spec')
  writeFileSync(spec, specOf('benchtomorrow', changed, '.bench1'))
  specs.push({ spec, to: 'built-tomorrow' })
  await twoAtOnce(specs, one => rpmbuild(work, root, one))
  writeFileSync(join(work, 'states.json'), JSON.stringify(await statesOf(work, plans)))
  rmSync(root, { recursive: true, force: true })
}

async function rpmbuild(work: string, root: string, { spec, to }: { spec: string; to: string }) {
  const defines = {
    _topdir: join(work, 'top'),
    _rpmdir: join(work, to),
    _rpmfilename: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
  }
  const args = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  await run({
    program: 'rpmbuild',
    args: ['--quiet', '-bb', '--noclean', '--nodeps', '--buildroot', root, ...args, spec],
    environment: { LC_ALL: 'C.UTF-8' },
  })
}

/** Names of files below `built`: not there today, not there tomorrow. */
interface States {
  notToday: string[]
  notTomorrow: string[]
}

async function statesOf(work: string, { added, removed, changed }: Plans): Promise<States> {
  const line = `rpm -qp --nosignature --qf '%{NAME} %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm\\n' '${work}'/built/*.rpm`
  const states: States = { notToday: [], notTomorrow: [] }
  for (const text of (await run(shell(line))).trim().split('\n')) {
    const [name, file] = text.split(' ') as [string, string]
    if (added.has(name)) states.notToday.push(file)
    if (removed.has(name) || changed.has(name)) states.notTomorrow.push(file)
  }
  return states
}

function fill(work: string, today: string, tomorrow: string): void {
  const { notToday, notTomorrow } = JSON.parse(readFileSync(join(work, 'states.json'), 'utf8')) as States
  const link = (from: string, state: string, without: string[]) => {
    const absent = new Set(without)
    for (const file of readdirSync(join(work, from)))
      if (!absent.has(file)) linkSync(join(work, from, file), join(state, packages, file))
  }
  link('built', today, notToday)
  link('built', tomorrow, notTomorrow)
  link('built-tomorrow', tomorrow, [])
}
