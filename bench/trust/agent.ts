import { copyFileSync, cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { writeDeb } from '../../src/formats/index.ts'
import { bootMachine, type Machine } from '../../test/world/machine.ts'
import type { Bench, Claim } from '../harness/claim.ts'
import { rounded } from '../harness/compare.ts'
import { type Figure, type Findings, ours, type Target } from '../harness/findings.ts'
import { load, waitForQuiet } from '../harness/load.ts'
import { serveYard } from '../harness/our-server.ts'
import { createYard, type OurYard } from '../harness/our-yard.ts'
import { run } from '../harness/run.ts'
import { freePort } from '../harness/serve.ts'
import type { Settings } from '../harness/settings.ts'
import { median } from '../harness/statistics.ts'
import { hostsYard } from './hosts-yard.ts'

/** For `bench/trust/agent.ts`: how long nothing happens, and how often a run with nothing new is measured. */
const idleMinutes = 15
const turns = 10

/** One of those who keep a host as it shall be, and its systemd units that stay. */
interface Contender {
  who: string
  /** A run that finds nothing new, as a shell would start it. */
  once: string
  units: string[]
}

const listener = `${ours}, its optional listener`
const contenders: Contender[] = [
  { who: ours, once: 'switchyard-agent check', units: ['switchyard-agent'] },
  { who: 'puppet-agent', once: "puppet apply -e ''", units: ['puppet'] },
  { who: 'cfengine3', once: 'cf-agent -K', units: ['cf-execd', 'cf-monitord', 'cf-serverd'] },
]

export const agent: Claim = {
  name: 'agent',
  title: `The agent on a host: its packages, a check with nothing new, and ${idleMinutes} minutes in which nothing happens`,
  async measure({ settings }: Bench): Promise<Findings> {
    const port = await freePort()
    const yard = createYard(settings, 'agent', hostsYard(await freePort(), port))
    await prepareYard(yard, settings)
    const server = await serveYard(yard)
    const machine = await bootMachine()
    try {
      const sizes = await installAgent(machine, yard, settings)
      const versions = await installPeers(machine)
      const checks = await measureChecks(machine, settings)
      const idle = await measureIdle(machine)
      return findingsOf(sizes, checks, idle, versions)
    } finally {
      await machine.remove()
      await server.stop()
    }
  },
}

async function prepareYard(yard: OurYard, { directory }: Settings): Promise<void> {
  await yard.clear()
  const file = join(directory, 'agent-probe.deb')
  const control: [string, string][] = [
    ['Package', 'probe'],
    ['Version', '1'],
    ['Architecture', 'all'],
    ['Maintainer', 'Nobody <nobody@example.org>'],
    ['Description', 'something to release'],
  ]
  writeFileSync(file, await writeDeb({ control, entries: [], time: 0 }))
  await run(yard.command('upload', 'ours', file))
  await run(yard.command('release', 'web'))
  await run(yard.command('promote', 'web/production'))
}

/** @returns bytes by what they are of. */
async function installAgent(
  machine: Machine,
  yard: OurYard,
  { checkout, directory }: Settings,
): Promise<Map<string, number>> {
  const packages = join(directory, 'agent-packages')
  rmSync(packages, { recursive: true, force: true })
  const ask = (...args: string[]) => run({ program: join(checkout, 'dist', 'switchyard.js'), args })
  await ask('agent', 'package', '--out', packages)
  for (const name of readdirSync(packages)) copyFileSync(join(packages, name), `${machine.root}/root/${name}`)
  await machine.sh('dpkg -i /root/switchyard-agent_*.deb')
  const token = ask('host', 'token', 'create', 'bench', 'web/production', '--yard', yard.directory)
  writeFileSync(`${machine.root}/root/enrol`, await token)
  await machine.sh('switchyard-agent enroll /root/enrol && switchyard-agent check')
  const bytes = async (script: string) => Number((await machine.sh(script)).trim())
  const light = '/root/switchyard-agent-light_*.deb'
  return new Map([
    ['the .deb with a Node of its own', await bytes('stat -c %s /root/switchyard-agent_*.deb')],
    [
      'on disk with a Node of its own',
      await bytes(
        "dpkg -L switchyard-agent | xargs -d '\\n' stat -c '%F %s' | awk '/^regular/ { n += $NF } END { print n }'",
      ),
    ],
    ['the light .deb', await bytes(`stat -c %s ${light}`)],
    ['on disk, light', await bytes(`dpkg-deb -c ${light} | awk '/^-/ { n += $3 } END { print n }'`)],
  ])
}

/** As Debian has them, and as a host of a fleet has them; the machine keeps them in memory only. @returns their versions. */
async function installPeers(machine: Machine): Promise<string> {
  const copied = ['apt', 'pam.d', 'pam.conf', 'login.defs', 'security', 'adduser.conf', 'ssl', 'shells']
  for (const name of copied)
    if (existsSync(`/etc/${name}`))
      cpSync(`/etc/${name}`, `${machine.root}/etc/${name}`, { recursive: true, verbatimSymlinks: true })
  copyFileSync('/etc/resolv.conf', `${machine.root}/etc/resolv.conf`)
  cpSync('/var/lib/apt', `${machine.root}/var/lib/apt`, { recursive: true })
  await machine.sh(`
    sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf
    touch /etc/shadow /etc/gshadow
    mkdir -p /var/cache/apt/archives/partial
    useradd --system puppet
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends puppet-agent cfengine3 time
    systemctl start puppet
    cp -r /usr/share/cfengine3/masterfiles /var/lib/cfengine3/
    cf-agent --bootstrap 127.0.0.1
    systemctl start cfengine3 switchyard-agent-listen`)
  return (await machine.sh(`dpkg-query -W -f '\${Package} \${Version}, ' puppet-agent cfengine3`)).slice(
    0,
    -2,
  )
}

/** Turn by turn. */
async function measureChecks(machine: Machine, { quietSeconds }: Settings): Promise<Figure[]> {
  const figures = new Map(
    contenders.map(({ who, once }): [string, Figure] => [
      who,
      {
        what: 'a run with nothing new',
        who,
        unit: 's',
        values: [],
        cpuSeconds: [],
        load: [],
        peakBytes: 0,
        command: once,
      },
    ]),
  )
  for (let turn = 0; turn < turns; turn++)
    for (const { who, once } of contenders) {
      await waitForQuiet(quietSeconds)
      const before = load()
      const [last] = (
        await machine.sh(`/usr/bin/time -f '%e %U %S %M' ${once} 2>&1 >/dev/null | tail -1`)
      ).match(/.*/)!
      const [elapsed, user, system, kibibytes] = last.split(' ').map(Number)
      const figure = figures.get(who)!
      figure.values.push(elapsed!)
      figure.cpuSeconds!.push(user! + system!)
      figure.load!.push(before)
      figure.peakBytes = Math.max(figure.peakBytes!, kibibytes! * 1024)
      console.error(`${once}: ${user! + system!} s CPU`)
    }
  return [...figures.values()]
}

interface Idle {
  who: string
  cpuSeconds: number
  /** The largest that was seen in any minute. */
  processes: number
  pssBytes: number
}

/** What the control groups of the units say before and after, and each minute between. */
async function measureIdle(machine: Machine): Promise<Idle[]> {
  const watched = [...contenders, { who: listener, units: ['switchyard-agent-listen'] }]
  const look = async () => {
    const seen: Idle[] = []
    for (const { who, units } of watched) seen.push({ who, ...(await stateOf(machine, units)) })
    return seen
  }
  const first = await look()
  const most = first.map(idle => ({ ...idle }))
  let last = first
  for (let minute = 0; minute < idleMinutes; minute++) {
    await delay(60_000)
    last = await look()
    for (const [i, { processes, pssBytes }] of last.entries()) {
      most[i]!.processes = Math.max(most[i]!.processes, processes)
      most[i]!.pssBytes = Math.max(most[i]!.pssBytes, pssBytes)
    }
    console.error(`idle for ${minute + 1} of ${idleMinutes} minutes`)
  }
  return most.map((idle, i) => ({ ...idle, cpuSeconds: last[i]!.cpuSeconds - first[i]!.cpuSeconds }))
}

/** A unit that is not running has no control group: no process, and no CPU. */
async function stateOf(machine: Machine, units: string[]): Promise<Omit<Idle, 'who'>> {
  const groups = units.map(unit => `"$groups"/system.slice/${unit}.service`).join(' ')
  const text = await machine.sh(`
    groups=/sys/fs/cgroup; [ ! -d $groups/unified ] || groups=$groups/unified
    for group in ${groups}; do
      [ -d "$group" ] || continue
      sed -n 's/^usage_usec /cpu /p' "$group/cpu.stat"
      for pid in $(cat "$group/cgroup.procs"); do sed -n 's/^Pss: *\\([0-9]*\\) kB/pss \\1/p' /proc/$pid/smaps_rollup 2>/dev/null || true; done
    done`)
  const rows = text.split('\n').map(line => line.split(' '))
  const numbers = (name: string) => rows.filter(row => row[0] === name).map(row => Number(row[1]))
  const sum = (all: number[]) => all.reduce((total, one) => total + one, 0)
  const pss = numbers('pss')
  return { cpuSeconds: sum(numbers('cpu')) / 1e6, processes: pss.length, pssBytes: sum(pss) * 1024 }
}

function findingsOf(sizes: Map<string, number>, checks: Figure[], idle: Idle[], versions: string): Findings {
  const [check] = checks
  const [still] = idle
  const cpu = median(check!.cpuSeconds!) * 1000
  const target = (target: string, measured: string, met: boolean): Target => ({ target, measured, met })
  return {
    figures: [
      ...[...sizes].map(
        ([what, bytes]): Figure => ({ what: `size: ${what}`, who: ours, unit: 'B', values: [bytes] }),
      ),
      ...checks,
      ...idle.map(
        ({ who, cpuSeconds, pssBytes }): Figure => ({
          what: `CPU in ${idleMinutes} idle minutes`,
          who,
          unit: 's',
          values: [cpuSeconds],
          peakBytes: pssBytes,
        }),
      ),
    ],
    targets: [
      target('a check with nothing new: under 150 ms of CPU', `${rounded(cpu)} ms`, cpu < 150),
      target(
        'a check with nothing new: under 90 MB at its peak',
        `${Math.round(check!.peakBytes! / 1e6)} MB`,
        check!.peakBytes! < 90e6,
      ),
      target(
        'nothing runs between events',
        `${still!.processes} processes, ${still!.cpuSeconds} s of CPU`,
        still!.processes === 0 && still!.cpuSeconds === 0,
      ),
    ],
    notes: [
      `All on one machine that systemd booted, with ${versions} as Debian ships them. CPU of the idle minutes is what the control groups of the units say (cpu.stat); the memory beside it is their PSS, the most of what was seen each minute.`,
      "puppet-agent has no server here, so its idle minutes are those of a daemon that waits; with one it makes a run every half hour, for which a run of `puppet apply` with nothing declared stands above. cfengine3 follows the policy that it ships, from itself, with a run every five minutes. Ours is a check against the yard's server over TLS, which systemd starts once a day, and whenever there is news.",
    ],
  }
}
