import { once } from 'node:events'
import {
  copyFileSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootMachine, type Machine } from './world/machine.ts'
import { type RunningServer, startServer } from './world/running-server.ts'
import { publish } from './world/served.ts'
import { mirrorOf, startCommand, type TestYard } from './world/test-yard.ts'
import { createWorld, syncTo, type World } from './world/world.ts'

/** One machine from its first package to its last, as its operator and the yard's see it; each step goes on where the one before ended. */
describe('a booted machine', () => {
  let world: World
  let yard: TestYard
  let server: RunningServer
  let machine: Machine
  let publishNext: (version: string) => Promise<void>
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-agent-machine-'))
  const packages = join(directory, 'packages')

  beforeAll(async () => {
    world = createWorld()
    const archive = world.archive({ name: 'stable', packages: { main: [{ name: 'hello' }] } })
    const upstream = await world.serve(archive)
    yard = world.yard(
      { debian: mirrorOf(upstream.url, world.keyring) },
      {
        more: {
          server: {
            listen: '127.0.0.1:0',
            hosts: { name: 'yard.example.org', listen: `127.0.0.1:${await freePort()}` },
          },
          trains: { web: { repositories: ['debian'], channels: { stable: {} }, complete: 'fetchable' } },
        },
      },
    )
    publishNext = async version => {
      publish(archive, 'hello', version)
      await syncTo(yard, 'created')
      await operator('release', 'web')
      await operator('promote', 'web/stable')
    }
    const packed = startCommand(['agent', 'package', '--out', packages]).done
    machine = await bootMachine()
    await publishNext('1.0')
    server = await startServer(yard, clock)
    expect(await packed).toMatchObject({ status: 0 })
    for (const name of readdirSync(packages))
      copyFileSync(join(packages, name), `${machine.root}/root/${name}`)
    await machine.sh(`
      echo 127.0.0.1 yard.example.org >>/etc/hosts
      mkdir -p /run/systemd/timesync
      touch /run/systemd/timesync/synchronized`)
  })

  afterAll(async () => {
    await machine?.remove()
    await server?.stop()
    await world.remove()
    rmSync(directory, { recursive: true })
  })

  /** A command on the yard, by the yard's clock. */
  const operator = async (...args: string[]) => {
    const run = await startCommand([...args, '--yard', yard.directory], clock).done
    expect(run, run.stderr).toMatchObject({ status: 0 })
    return run.stdout
  }
  const agent = (command: string) =>
    machine.try(`export ${words(clock)} LC_ALL=C; switchyard-agent ${command}`)
  const status = async () => JSON.parse((await agent('status --json')).stdout)
  const word = async () => (await status()).judgement.word as string
  const places = async () =>
    (await status()).check.places.map((place: { finding: string }) => place.finding).join()
  const soon = (value: () => Promise<unknown>) => expect.poll(value, { timeout: 30_000 })
  /** Lines of the service's own section. */
  const override = (lines: string) =>
    machine.sh(`mkdir -p /etc/systemd/system/switchyard-agent.service.d
      printf '[Service]\\n${lines}\\n' >/etc/systemd/system/switchyard-agent.service.d/test.conf
      systemctl daemon-reload`)
  /** As a listener or a colleague does it: something is renamed into the inbox. */
  const deliver = (name: string, text = '') => {
    writeFileSync(`${machine.root}/var/lib/${name}`, text)
    renameSync(`${machine.root}/var/lib/${name}`, `${machine.root}/var/lib/switchyard-agent/inbox/${name}`)
  }
  /** The server hands out what another process has changed within a second, so one check may be too early. */
  const onceServed = (value: () => Promise<unknown>) => {
    const woken = () => {
      deliver('news')
      return value()
    }
    return expect.poll(woken, { timeout: 30_000, interval: 1_500 })
  }

  it('gets the agent as a package: systemd wakes it, and nothing of it runs', async () => {
    await machine.sh('dpkg -i /root/switchyard-agent_*.deb')
    expect(await machine.sh('systemctl is-active switchyard-agent.path switchyard-agent.timer')).toBe(
      'active\nactive\n',
    )
    expect((await machine.try('pgrep -u switchyard-agent')).stdout).toBe('')
    expect(await word()).toBe('not-enrolled')
  })

  it('becomes a host', async () => {
    const token = await operator('host', 'token', 'create', 'm1', 'web/stable')
    writeFileSync(`${machine.root}/root/m1.enrol`, token, { mode: 0o600 })
    expect(await agent('enroll /root/m1.enrol')).toMatchObject({ status: 0 })
  })

  it('follows its channel', async () => {
    deliver('news')
    await soon(word).toBe('granted')
    const { release } = (await status()).judgement
    await publishNext('2.0')
    await onceServed(async () => (await status()).judgement.release?.release).not.toBe(release.release)
    expect(await word()).toBe('granted')
  })

  it('hears of a stop without being asked, where it listens', async () => {
    await machine.sh('systemctl start switchyard-agent-listen')
    // Nobody sees when its connection stands: what was there before is no news.
    const heard = async () => {
      const key = join(yard.directory, 'keys/statements/solo.pem')
      await operator('stop', 'web', '--why', 'a drill', '--key', key)
      return await word()
    }
    await expect.poll(heard, { timeout: 60_000, interval: 4_000 }).toBe('halted')
    await machine.sh('systemctl stop switchyard-agent-listen')
    await operator('rollout', 'resume', 'web/stable')
    await onceServed(word).toBe('granted')
  })

  it('empties its inbox of what root alone may read, too', async () => {
    await machine.sh(`mkdir -m 700 /var/lib/secret
      touch /var/lib/secret/file
      mv /var/lib/secret /var/lib/switchyard-agent/inbox/`)
    await soon(() => machine.sh('ls /var/lib/switchyard-agent/inbox')).toBe('')
    expect(await machine.sh('systemctl is-active switchyard-agent.path')).toBe('active\n')
  })

  it('freezes when its statements are stale, says so, and goes on when there are fresh ones', async () => {
    await server.stop()
    clock = eightDaysOn
    await override(`Environment=${words(clock)}`)
    deliver('news')
    await soon(word).toBe('stale')
    await soon(() => machine.sh('journalctl -u switchyard-agent.service -o cat')).toContain('stale')
    await operator('trust', 'refresh')
    server = await startServer(yard, clock)
    deliver('news')
    await soon(word).toBe('granted')
  })

  it('obeys a halt that was made while the server is off', async () => {
    await server.stop()
    const file = join(directory, 'halt.json')
    const key = join(yard.directory, 'keys/statements/solo.pem')
    const stop = ['stop', 'web', '--why', 'disks fill', '--key', key, '--out', file]
    expect(await startCommand(stop, clock).done).toMatchObject({ status: 0 })
    deliver('halt.json', readFileSync(file, 'utf8'))
    await soon(word).toBe('halted')
    const { stdout } = await agent('why')
    expect(stdout).toContain('disks fill')
    expect(stdout.split('\n').length).toBeLessThanOrEqual(25)
  })

  it('goes on once the yard has heard of the halt and its people have lifted it', async () => {
    await operator('trust', 'submit', join(directory, 'halt.json'))
    server = await startServer(yard, clock)
    deliver('news')
    await soon(places).toMatch('current')
    expect(await word()).toBe('halted')
    await operator('rollout', 'resume', 'web/stable')
    await onceServed(word).toBe('granted')
  })

  it('goes on when a release has broken the libraries that Node needs', async () => {
    const library = (
      await machine.sh("ldd /usr/lib/switchyard-agent/node | awk '/libstdc/ { print $3 }'")
    ).trim()
    await machine.sh(`mv ${library} ${library}.old; echo broken >${library}`)
    expect((await machine.try('/usr/lib/switchyard-agent/node -e 0')).status).toBe(127)
    expect(await word()).toBe('granted')
    await machine.sh(`mv ${library}.old ${library}`)
  })

  it('keeps at work what is at work, while its package is replaced and removed', async () => {
    await override('ExecStart=\\nExecStart=/bin/sleep infinity')
    await machine.sh('systemctl start --no-block switchyard-agent.service')
    const main = () => machine.sh('systemctl show -P MainPID switchyard-agent.service')
    await soon(main).not.toBe('0\n')
    const before = await main()
    await machine.sh('dpkg -i /root/switchyard-agent_*.deb')
    expect(await main()).toBe(before)
    await machine.sh('dpkg -r switchyard-agent')
    expect((await machine.try(`kill -0 ${before}`)).status).toBe(0)
    const left = await machine.try('systemctl is-active switchyard-agent.path switchyard-agent.timer')
    expect(left.stdout).toBe('inactive\ninactive\n')
    await machine.sh(`kill ${before}`)
  })

  it('takes other packages of the agent, which find the host as it was', async () => {
    await machine.sh('rpm -i --nodeps /root/switchyard-agent-[0-9]*.rpm')
    expect(await machine.sh('rpm -V --nodeps switchyard-agent')).toBe('')
    expect(await machine.sh('systemctl is-active switchyard-agent.path')).toBe('active\n')
    expect(await word()).toBe('granted')
    await machine.sh('cp /usr/lib/switchyard-agent/node /usr/bin/node && rpm -e switchyard-agent')
    expect((await machine.try('systemctl is-active switchyard-agent.path')).stdout).toBe('inactive\n')
    await machine.sh('dpkg -i --force-depends /root/switchyard-agent-light_*.deb')
    expect(await word()).toBe('granted')
    await machine.sh('dpkg -P switchyard-agent-light')
    expect(await machine.sh('ls -d /etc/switchyard* /var/lib/switchyard* /usr/lib/switchyard* || true')).toBe(
      '',
    )
  })
})

/** By what clock programs go that a test starts; systemd's own stays. */
let clock: NodeJS.ProcessEnv = {}
const [faketime] = globSync('/usr/lib/*/faketime/libfaketime.so.1')
const eightDaysOn = { LD_PRELOAD: faketime!, FAKETIME: '+8d', FAKETIME_DONT_FAKE_MONOTONIC: '1' }

function words(variables: NodeJS.ProcessEnv): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
