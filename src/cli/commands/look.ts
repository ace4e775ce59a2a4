import type { Command } from 'commander'
import { byteStringOfText } from '../../model/index.ts'
import type { ListEntry } from '../../repository/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { safeText, sizeText, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

export function lsCommand(cli: Cli): Command {
  return yardCommand('ls', "look into a snapshot's files", 'switchyard ls debian@latest pool/main/n/nginx')
    .argument('<reference>', 'REPO, REPO@latest or REPO@20261121T064500Z')
    .argument('[path]', 'a directory or a file', '')
    .action((reference: string, path: string, options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const entries = await yard.list(reference, byteStringOfText(path))
        if (options.json) return printJson(cli, entries)
        cli.out(tableText(entries.map(rowOf), [0]))
      }),
    )
}

function rowOf(entry: ListEntry): string[] {
  if (entry.kind === 'directory') return ['', '', `${safeText(entry.name)}/`]
  return [sizeText(entry.size!), entry.state!, safeText(entry.name)]
}

export function catCommand(cli: Cli): Command {
  return yardCommand(
    'cat',
    'print one file of a snapshot; fetched first when it is not here',
    'switchyard cat debian@latest dists/bookworm/Release',
    { json: false },
  )
    .argument('<reference>', 'REPO, REPO@latest or REPO@20261121T064500Z')
    .argument('<path>', 'the file')
    .action((reference: string, path: string, options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const { pipeline } = await import('node:stream/promises')
        const { Readable } = await import('node:stream')
        await pipeline(
          Readable.from(await yard.cat(reference, byteStringOfText(path)), { objectMode: false }),
          process.stdout,
          { end: false },
        )
      }),
    )
}
