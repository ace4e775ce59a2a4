import type { Command } from 'commander'
import { parseName } from '../../model/index.ts'
import type { BumpReport } from '../../train/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { diffText } from '../diff-text.ts'
import { countText, printable, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

interface BumpOptions extends YardOptions {
  channel?: string
  why: string
}

const example = `
switchyard bump web openssl --why CVE-2026-1234                        # in the last channel that the train declares
switchyard bump web 'linux-image-*' --channel staging --why "the fix for the disks"`

export function bumpCommand(cli: Cli): Command {
  return yardCommand(
    'bump',
    "cut a release like a channel's current one but for some packages: the zero-day path",
    example,
  )
    .argument('<train>')
    .argument('<package...>', 'names of packages or source packages, or globs')
    .option('--channel <channel>', 'whose release is changed (default: the last one that the train declares)')
    .requiredOption('--why <text>', 'the reason; it travels with the release')
    .action((train: string, packages: string[], options: BumpOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const { channel, why } = options
        const report = await yard.bump(parseName(train), packages, {
          why,
          ...(channel === undefined ? {} : { channel: parseName(channel) }),
        })
        if (options.json) return printJson(cli, report)
        for (const note of report.notes) cli.err(`warning: ${printable(note)}\n`)
        cli.out(bumpText(report))
      }),
    )
}

/** The release, its packages, everything that differs, and how it goes on. */
function bumpText(report: BumpReport): string {
  const { outcome, release, from, channel, packages, diffs } = report
  const name = `${release.train}@${release.timestamp}`
  const place = `${release.train}/${channel}`
  if (diffs.length === 0) return `${name}  ${place} has nothing older than the newest snapshots\n`
  const forced = packages.filter(({ asked }) => !asked).length
  const along = forced === 0 ? '' : `, ${forced} of them because dependencies ask for it`
  return [
    `${name}  ${outcome === 'created' ? '' : 'is there already: '}${release.train}@${from.timestamp} of ${place} but for ${countText(packages.length, 'package')}${along}\n`,
    tableText(packages.map(packageRow)),
    ...diffs.map(({ diff }) => `\n${diffText(diff)}`),
    `\nto bring it to clients: switchyard promote ${place} ${name}\n`,
  ].join('')
}

function packageRow({ name, before, after, asked, by }: BumpReport['packages'][number]): string[] {
  return [
    `  ${printable(name)}`,
    printable(before ?? '-'),
    '->',
    printable(after ?? '-'),
    asked ? '' : `for ${printable(by)}`,
  ]
}
