import type { Command } from 'commander'
import { parseName } from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { printable } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

interface ReleaseOptions extends YardOptions {
  allowIncomplete?: boolean
  keep?: string
  why?: string
}

const example = `
switchyard release web                                  # from the newest snapshots
switchyard release web web-base@20261121T064500Z        # with a named one`

export function releaseCommand(cli: Cli): Command {
  return yardCommand('release', 'cut a release of a train from the newest snapshots, or named ones', example)
    .argument('<train>')
    .argument('[snapshot...]', 'REPO@SNAPSHOT for repositories that shall not travel with their newest one')
    .option('--allow-incomplete', 'though files of some snapshot are not here')
    .option('--keep <channel>', 'with the packages that are held in this channel as they are there')
    .option('--why <text>', 'the reason; it travels with the release')
    .action((train: string, snapshots: string[], options: ReleaseOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const { allowIncomplete = false, keep, why } = options
        const report = await yard.release(parseName(train), {
          snapshots,
          allowIncomplete,
          ...(keep === undefined ? {} : { keep: parseName(keep) }),
          ...(why === undefined ? {} : { why }),
        })
        if (options.json) return printJson(cli, report)
        const { release, outcome, notes } = report
        for (const note of notes) cli.err(`warning: ${printable(note)}\n`)
        const name = `${release.train}@${release.timestamp}`
        if (outcome === 'unchanged') return cli.out(`${name}  nothing new since\n`)
        cli.out(`${name}\n`)
        for (const [repository, snapshot] of Object.entries(release.snapshots))
          cli.out(
            `  ${repository}  ${snapshot.repository === repository ? '' : snapshot.repository}@${snapshot.timestamp}\n`,
          )
      }),
    )
}
