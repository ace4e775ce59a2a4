import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * A machine that systemd has booted (systemd-nspawn): this machine's own programs and dpkg's database, as a copy that is written to
 * memory only, around an empty /etc and /var. It shares the network, so that it reaches servers of the test on the loopback.
 */
export interface Machine {
  /** Its root directory as this process sees it. */
  root: string
  /** Runs a shell script in it. @returns standard output. @throws Error with all that it wrote when it fails. */
  sh(script: string): Promise<string>
  /** The same, whatever comes of it. */
  try(script: string): Promise<{ status: number | null; stdout: string; stderr: string }>
  /** Powers it off; nothing of it is left. */
  remove(): Promise<void>
}

/** @returns when all units have started; in a third of a second. */
export async function bootMachine(): Promise<Machine> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-machine-'))
  // The mounts are in a namespace of their own and end with it, and the machine ends with this process.
  const name = `m${process.pid}-${++machines}`
  const machine = spawn('setpriv', ['--pdeathsig', 'TERM', 'unshare', '--mount', 'sh', '-euc', start], {
    env: { ...environment, MACHINE: directory, NAME: name },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [machine.stdout, machine.stderr])
    stream.on('data', chunk => {
      log += chunk
    })
  const leader = await leaderOf(machine, () => log)
  const run: Machine['try'] = async script => {
    const child = spawn('nsenter', ['-t', leader, '-a', '--', 'sh', '-euc', script], {
      cwd: '/',
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const parts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', chunk => {
        parts[name] += chunk
      })
    const [status] = (await once(child, 'close')) as [number | null]
    return { status, ...parts }
  }
  const up = await run('systemctl is-system-running --wait')
  // Units of packages that this machine happens to have may fail in it.
  if (!['running', 'degraded'].includes(up.stdout.trim()))
    throw new Error(`the machine is ${up.stdout}${up.stderr}\n${(await run('journalctl -b')).stdout}`)
  return {
    root: `/proc/${leader}/root`,
    try: run,
    async sh(script) {
      const { status, stdout, stderr } = await run(script)
      if (status !== 0) throw new Error(`${script}\nended with status ${status}:\n${stdout}${stderr}`)
      return stdout
    },
    async remove() {
      const ended = once(machine, 'close')
      machine.kill('SIGTERM')
      await ended
      rmSync(directory, { recursive: true })
      removeControlGroups(name)
    },
  }
}

/** The machine's first process, once it is systemd and takes commands. */
async function leaderOf(machine: ChildProcess, log: () => string): Promise<string> {
  for (;;) {
    if (machine.exitCode !== null || machine.signalCode !== null)
      throw new Error(`no machine was booted:\n${log()}`)
    const leader = childrenOf(machine.pid!).find(child =>
      existsSync(`/proc/${child}/root/run/systemd/private`),
    )
    if (leader !== undefined && nameOf(leader) === 'systemd') return leader
    await delay(20)
  }
}

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean)
}

function nameOf(pid: string): string {
  return readFileSync(`/proc/${pid}/comm`, 'latin1').trim()
}

function removeControlGroups(name: string): void {
  const groups = hierarchies.map(hierarchy => `${hierarchy}/switchyard-${name}`).filter(existsSync)
  if (groups.length > 0)
    execFileSync('find', [...groups, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'])
}

/** Where systemd keeps control groups: one of the two layouts with several hierarchies, or the one. */
const hierarchies = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup']

let machines = 0

const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8' }

/**
 * Each machine gets a control group of its own in every hierarchy that systemd uses. It can write to nothing of this machine: /usr and
 * dpkg's database are overlays in memory, all else is made anew.
 */
const start = `
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$MACHINE"
root=$MACHINE/root
mkdir -p "$root" "$root"/usr "$root"/etc "$root"/root "$root"/tmp "$root"/var/tmp "$root"/var/lib/dpkg "$root"/var/log
chmod 1777 "$root"/tmp "$root"/var/tmp
for name in bin sbin lib lib32 lib64 libx32; do [ ! -e /usr/$name ] || ln -s usr/$name "$root/$name"; done
copy() {
  mkdir -p "$MACHINE/upper$1" "$MACHINE/work$1"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$MACHINE/upper$1,workdir=$MACHINE/work$1" "$root$1"
}
copy /usr
copy /var/lib/dpkg
: >"$root"/var/lib/dpkg/statoverride
cp -a /etc/alternatives /etc/ld.so.cache /etc/debian_version "$root"/etc/
ln -s ../usr/lib/os-release "$root"/etc/os-release
tr -d - </proc/sys/kernel/random/uuid >"$root"/etc/machine-id
echo "$NAME" >"$root"/etc/hostname
echo '127.0.0.1 localhost' >"$root"/etc/hosts
printf 'passwd: files\\ngroup: files\\nhosts: files\\n' >"$root"/etc/nsswitch.conf
printf 'root:x:0:0:root:/root:/bin/sh\\nmessagebus:x:100:100::/nonexistent:/usr/sbin/nologin\\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\\n' >"$root"/etc/passwd
printf 'root:x:0:\\nmessagebus:x:100:\\nnogroup:x:65534:\\n' >"$root"/etc/group
for group in ${hierarchies.join(' ')}; do
  if [ -e "$group/cgroup.procs" ]; then
    mkdir -p "$group/switchyard-$NAME"
    echo $$ >"$group/switchyard-$NAME/cgroup.procs"
  fi
done
exec systemd-nspawn -q -D "$root" -b -M "$NAME" --register=no --keep-unit --resolv-conf=off --timezone=off --link-journal=no --console=pipe
`
