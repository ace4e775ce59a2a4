import type { Command } from 'commander'
import type { PackageChange, SnapshotDiff } from '../../repository/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { changeText } from '../report.ts'
import { printable, safeText, sizeText, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

interface DiffOptions extends YardOptions {
  files?: boolean
  changelogs?: boolean
}

const example = `
switchyard diff debian@20261120T060000Z debian@latest
switchyard diff base@20261120T060000Z base --changelogs`

export function diffCommand(cli: Cli): Command {
  return yardCommand('diff', 'what differs between two snapshots; of one repository or of two', example)
    .argument('<from>', 'REPO@20261121T064500Z')
    .argument('<to>', 'REPO@20261121T064500Z, REPO or REPO@latest')
    .option('--files', 'list changed files too')
    .option('--changelogs', 'show the changelog entries of upgraded packages whose files are here')
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

/** A diff for a person: a line a package, changelogs indented below it, and the sum. */
export function diffText(diff: SnapshotDiff): string {
  const rows = tableText(diff.packages.map(rowOf)).split('\n')
  const lines = diff.packages.map(
    (change, i) => `${rows[i]}\n${change.changelog === undefined ? '' : `${indented(change.changelog)}\n`}`,
  )
  const files = (diff.files ?? []).map(
    ({ path, before, after }) =>
      `${before === undefined ? 'A' : after === undefined ? 'D' : 'M'} ${safeText(path)}\n`,
  )
  return `${lines.join('')}${files.join('')}${diff.from.repository}@${diff.from.timestamp} -> ${diff.to.repository}@${diff.to.timestamp}: ${changeText(diff.count)}; ${sizeText(diff.addedBytes)} come, ${sizeText(diff.removedBytes)} go\n`
}

const signs = { added: '+', removed: '-', upgraded: '>', downgraded: '<', rebuilt: '~' } as const

function rowOf(change: PackageChange): string[] {
  const { before, after } = change
  const place = (after ?? before)!
  const name = safeText(change.name)
  return [
    `${signs[change.kind]} ${name}`,
    [before, after]
      .flatMap(version => (version === undefined ? [] : [safeText(version.version)]))
      .join(' -> '),
    safeText([place.suite, place.component, place.architecture].filter(part => part !== '').join('/')),
    change.kind === 'rebuilt' ? 'same version, other bytes' : sizeChange(change),
    change.source === change.name ? '' : `(source ${safeText(change.source)})`,
  ]
}

function sizeChange({ before, after }: PackageChange): string {
  if (before === undefined || after === undefined) return sizeText((after ?? before)!.size)
  const difference = after.size - before.size
  return difference === 0
    ? sizeText(after.size)
    : `${sizeText(after.size)} (${difference > 0 ? '+' : ''}${sizeText(difference)})`
}

function indented(text: string): string {
  return printable(text).replace(/^(?=.)/gm, '    ')
}
