import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { isYardError, type Name } from '../../model/index.ts'
import { configurationName, type OpenYard } from '../../yard/index.ts'
import { type Cli, withOpenYard, type YardOptions, yardDirectory } from '../context.ts'
import { createYard } from '../create-yard.ts'
import { showProgress } from '../progress.ts'
import { syncLine, syncStatus } from '../report.ts'
import { serveUntilStopped } from '../serve-until-stopped.ts'
import { printable } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

interface UpOptions extends YardOptions {
  mirror?: string
  securityMirror?: string
}

const example = `
switchyard up                                          # from what this machine's apt uses
switchyard up --mirror https://mirror.example.org/debian`

export function upCommand(cli: Cli): Command {
  return yardCommand(
    'up',
    'the main job in one command: make a yard where there is none, sync, cut the first release of its trains, and serve',
    example,
    { json: false, local: true },
  )
    .option(
      '--mirror <url>',
      "for a new yard: Debian's archive (default: as this machine's apt is configured)",
    )
    .option('--security-mirror <url>', "for a new yard: Debian's security archive")
    .action(async (options: UpOptions) => {
      const directory = await yardDirectory(cli, options)
      if (!existsSync(join(directory, configurationName))) {
        const { file } = await createYard(cli, directory, options)
        cli.err(`made ${file}\n`)
      }
      await withOpenYard(cli, { yard: directory }, open => syncAndServe(cli, open))
    })
}

/** What can be served is served at once, and the sync runs beside it; a new yard has nothing to serve yet. */
async function syncAndServe(cli: Cli, open: OpenYard): Promise<void> {
  const before = await open.yard.repositories()
  if (before.every(repository => repository.latest === undefined)) await syncAll(cli, open)
  if (cli.signal.aborted) return
  await serveUntilStopped(cli, open, {}, async url => {
    await printClientCommands(cli, open, url)
    if (before.some(repository => repository.latest !== undefined)) await syncAll(cli, open)
  })
}

async function syncAll(cli: Cli, open: OpenYard): Promise<void> {
  const progress = showProgress(cli)
  const reports = await open.yard.sync([], { onEvent: progress.onEvent, signal: cli.signal })
  progress.end()
  for (const report of reports) cli.err(`${syncLine(report)}\n`)
  cli.setExitStatus(syncStatus(reports))
  if (!cli.signal.aborted) await cutFirstReleases(cli, open)
}

/** A train departs for the first time by itself; every other release is somebody's decision. */
async function cutFirstReleases(cli: Cli, { yard }: OpenYard): Promise<void> {
  for (const { name, repositories, releaseCount } of await yard.trains()) {
    if (releaseCount > 0) continue
    try {
      const { release } = await yard.release(name)
      cli.err(`${name}@${release.timestamp}  the first release, of ${repositories.join(', ')}\n`)
    } catch (error) {
      if (!isYardError(error)) throw error
      cli.err(`${name}  has no release yet: ${printable(error.message)}\n`)
    }
  }
}

/** The one-line commands that point a real apt or dnf at what is served. */
async function printClientCommands(cli: Cli, open: OpenYard, url: string): Promise<void> {
  const served = (
    await open.yard.repositories().catch(error => (isYardError(error) ? [] : Promise.reject(error)))
  ).filter(repository => repository.latest !== undefined)
  const { channelCommands, clientCommand } = await import('../../server/index.ts')
  cli.out(`serving at ${url}   (Ctrl-C stops)\n`)
  for (const { name, format } of served.toReversed()) {
    const { client, command } = clientCommand(url, name, format)
    cli.out(`point ${client} at ${name}:  ${command}\n`)
  }
  for (const { name: train, channels } of open.configuration.trains.values())
    for (const channel of channels.keys())
      for (const { client, command } of channelCommands(
        url,
        train,
        channel,
        await formatsOf(open, train, channel),
      ))
        cli.out(`point ${client} at ${train}/${channel}:  ${command}\n`)
}

/** Of the repositories that a channel serves; none before its first promotion. */
async function formatsOf({ content }: OpenYard, train: Name, channel: Name): Promise<('apt' | 'dnf')[]> {
  const at = await content.channel(train, channel)
  const records = (Object.keys(at?.repositories ?? {}) as Name[]).map(repository =>
    content.record(repository, { kind: 'channel', train, channel }),
  )
  return (await Promise.all(records)).flatMap(record => record?.format ?? [])
}
