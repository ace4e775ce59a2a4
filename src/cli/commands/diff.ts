import { type Command, Option } from 'commander'
import { messageOf, YardError } from '../../model/index.ts'
import type { Comparison } from '../../train/index.ts'
import { comparisonText } from '../comparison-text.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { referenceHelp } from '../reference-help.ts'
import { sourcesText } from '../sources-text.ts'
import { yardCommand } from '../yard-command.ts'

interface DiffOptions extends YardOptions {
  files?: boolean
  changelogs?: boolean
  bySource?: boolean
  html?: string | true
}

const example = `
switchyard diff debian@20261120T060000Z debian@latest --changelogs
switchyard diff web/production web/staging --html review.html
switchyard diff --by-source debian trixie           # would moving there downgrade anything?`

export function diffCommand(cli: Cli): Command {
  return yardCommand('diff', 'what differs between two snapshots, releases or channels', example)
    .argument('<from>', referenceHelp)
    .argument('<to>', 'the same')
    .option('--files', 'list changed files too')
    .option(
      '--changelogs',
      'show the changelog entries of upgraded packages (for apt: of those whose files are here)',
    )
    .option('--html [file]', 'one page for a reviewer, into a file or standard output')
    .addOption(
      new Option('--by-source', 'by source: what goes up, down, vanishes, comes').conflicts([
        'files',
        'changelogs',
        'html',
      ]),
    )
    .action((from: string, to: string, options: DiffOptions) =>
      withYard(cli, options, async ({ yard }) => {
        if (options.bySource) {
          const compared = await yard.compareSources(from, to)
          return options.json ? printJson(cli, compared) : cli.out(sourcesText(compared))
        }
        const comparison = await yard.compare(from, to, {
          files: options.files ?? false,
          changelogs: (options.changelogs ?? false) || options.html !== undefined,
        })
        if (options.json) return printJson(cli, forPrograms(comparison))
        if (options.html === undefined) return cli.out(comparisonText(comparison))
        await writePage(cli, comparison, options.html)
      }),
    )
}

/** Two snapshots are told as the one difference that they have. */
function forPrograms(comparison: Comparison): unknown {
  const { from, to, repositories } = comparison
  if (from.kind === 'release' || to.kind === 'release') return comparison
  const { from: before, to: after, diff } = repositories[0]!
  return { from: before, to: after, ...diff }
}

async function writePage(cli: Cli, comparison: Comparison, file: string | true): Promise<void> {
  const { comparisonPage } = await import('../diff-page/page.ts')
  const page = comparisonPage(comparison)
  if (file === true || file === '-') return cli.out(page)
  const { writeFile } = await import('node:fs/promises')
  const { resolve } = await import('node:path')
  try {
    await writeFile(resolve(cli.workingDirectory, file), page)
  } catch (cause) {
    throw new YardError('unavailable', `${file} cannot be written: ${messageOf(cause)}`, {
      hint: 'name a file in a directory that is there',
      cause,
    })
  }
}
