import type { Command } from 'commander'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { diffText } from '../diff-text.ts'
import { yardCommand } from '../yard-command.ts'

interface DiffOptions extends YardOptions {
  files?: boolean
  changelogs?: boolean
}

const example = `
switchyard diff debian@20261120T060000Z debian@latest
switchyard diff base@20261120T060000Z base --changelogs`

export function diffCommand(cli: Cli): Command {
  return yardCommand(
    'diff',
    'what differs between two snapshots; of one repository or of two of one format',
    example,
  )
    .argument('<from>', 'REPO@20261121T064500Z')
    .argument('<to>', 'REPO@20261121T064500Z, REPO or REPO@latest')
    .option('--files', 'list changed files too')
    .option(
      '--changelogs',
      'show the changelog entries of upgraded packages (for apt: of those whose files are here)',
    )
    .action((from: string, to: string, options: DiffOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const diff = await yard.diff(from, to, {
          files: options.files ?? false,
          changelogs: options.changelogs ?? false,
        })
        if (options.json) printJson(cli, diff)
        else cli.out(diffText(diff))
      }),
    )
}
