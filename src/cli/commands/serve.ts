import type { Command } from 'commander'
import { type Cli, withYard, type YardOptions } from '../context.ts'
import { serveUntilStopped } from '../serve-until-stopped.ts'
import { yardCommand } from '../yard-command.ts'

interface ServeOptions extends YardOptions {
  publicUrl?: string
}

const example = `switchyard serve --public-url https://yard.example.org`

export function serveCommand(cli: Cli): Command {
  return yardCommand(
    'serve',
    'serve snapshots and the API; listens on loopback unless switchyard.yaml says otherwise',
    example,
    { json: false },
  )
    .option('--public-url <url>', 'how clients reach this server (default: as each of them names it)')
    .action((options: ServeOptions) =>
      withYard(cli, options, async open => {
        const { publicUrl } = options
        await serveUntilStopped(cli, open, publicUrl === undefined ? {} : { publicUrl })
      }),
    )
}
