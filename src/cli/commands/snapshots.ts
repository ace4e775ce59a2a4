import type { Command } from 'commander'
import { parseName, trustOf } from '../../model/index.ts'
import type { SnapshotSummary } from '../../yard/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { completenessText } from '../report.ts'
import { numberText, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

const example = `switchyard snapshots debian`

export function snapshotsCommand(cli: Cli): Command {
  return yardCommand('snapshots', 'the line of snapshots; oldest first, and how complete each is', example)
    .argument('[repository]', 'of one (default: all)')
    .action((name: string | undefined, options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const snapshots = await yard.snapshots(name === undefined ? undefined : parseName(name))
        if (options.json) return printJson(cli, snapshots)
        cli.out(tableText([['SNAPSHOT', 'PACKAGES', 'HOLDS', 'TRUST'], ...snapshots.map(rowOf)], [1]))
      }),
    )
}

function rowOf({ record, completeness }: SnapshotSummary): string[] {
  const unverified = trustOf(record).some(trust => trust.kind === 'trusted')
  return [
    `${record.repository}@${record.timestamp}`,
    numberText(record.packageCount),
    completenessText(completeness),
    unverified
      ? 'UNVERIFIED (trusted: true)'
      : record.kind === 'mirror'
        ? 'signed by upstream'
        : 'signed by this yard',
  ]
}
