import type { Command } from 'commander'
import { byteStringOfText } from '../../model/index.ts'
import type { ListEntry } from '../../repository/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { referenceHelp } from '../reference-help.ts'
import { safeText, sizeText, tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

export function lsCommand(cli: Cli): Command {
  return yardCommand('ls', 'look into the files of a snapshot, a release or a channel', lsExample)
    .argument('<reference>', referenceHelp)
    .argument('[path]', 'a directory or a file; of a release it begins with a repository', '')
    .action((reference: string, path: string, options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const entries = await yard.list(reference, byteStringOfText(path))
        if (options.json) return printJson(cli, entries)
        cli.out(tableText(entries.map(rowOf), [0]))
      }),
    )
}

const lsExample = `
switchyard ls debian@latest pool/main/n/nginx
switchyard ls web/production                        # the repositories of the release that it is at
switchyard ls web@20261121T070000Z debian/dists`

function rowOf(entry: ListEntry): string[] {
  if (entry.kind === 'directory') return ['', entry.snapshot ?? '', `${safeText(entry.name)}/`]
  return [sizeText(entry.size!), entry.state!, safeText(entry.name)]
}

const catExample = `
switchyard cat debian@latest dists/bookworm/Release
switchyard cat web/staging debian/dists/bookworm/Release`

export function catCommand(cli: Cli): Command {
  return yardCommand(
    'cat',
    'print one file of a snapshot, a release or a channel; fetched first when it is not here',
    catExample,
    { json: false },
  )
    .argument('<reference>', referenceHelp)
    .argument('<path>', 'the file; of a release it begins with a repository')
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
