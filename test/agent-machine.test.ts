import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
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
      for (const command of [
        ['release', 'web'],
        ['promote', 'web/stable'],
      ])
        expect(await yard.run(...command)).toMatchObject({ status: 0 })
    }
    const packed = startCommand(['agent', 'package', '--out', packages]).done
    machine = await bootMachine()
    await publishNext('1.0')
    server = await startServer(yard)
    expect(await packed).toMatchObject({ status: 0 })
    for (const name of readdirSync(packages))
      copyFileSync(join(packages, name), `${machine.root}/root/${name}`)
    await machine.sh(`
      echo 127.0.0.1 yard.example.org >>/etc/hosts
      mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized`)
  })

  afterAll(async () => {
    await machine?.remove()
    await server?.stop()
    await world.remove()
    rmSync(directory, { recursive: true })
  })

  const status = async () => JSON.parse(await machine.sh('switchyard-agent status --json'))
  const word = async () => (await status()).judgement.word as string
  const soon = (value: () => Promise<unknown>) => expect.poll(value, { timeout: 30_000 })
  /** As a listener, a colleague or a cron job does it: renamed into the inbox. */
  const wake = (file = '/dev/null') =>
    machine.sh(
      `cp ${file} /root/news.json && chmod 644 /root/news.json && mv /root/news.json /var/lib/switchyard-agent/inbox/`,
    )

  it('gets the agent as a package: it is woken by systemd, and nothing of it runs', async () => {
    await machine.sh('dpkg -i /root/switchyard-agent_*.deb')
    expect(await machine.sh('systemctl is-active switchyard-agent.path switchyard-agent.timer')).toBe(
      'active\nactive\n',
    )
    expect((await machine.try('pgrep -u switchyard-agent')).stdout).toBe('')
    expect(await word()).toBe('not-enrolled')
  })

  it('becomes a host, and follows its channel', async () => {
    const token = await yard.run('host', 'token', 'create', 'm1', 'web/stable')
    expect(token).toMatchObject({ status: 0 })
    await machine.sh(
      `cat >/root/m1.enrol <<'END'\n${token.stdout}\nEND\nswitchyard-agent enroll /root/m1.enrol`,
    )
    await wake()
    await soon(word).toBe('granted')
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
