import type { Command } from 'commander'
import { type Cli, printJson, type YardOptions, yardDirectory } from '../context.ts'
import { createYard } from '../create-yard.ts'
import { yardCommand } from '../yard-command.ts'

interface InitOptions extends YardOptions {
  mirror?: string
  securityMirror?: string
}

const example = `
switchyard init                                        # from what this machine's apt uses
switchyard init --mirror https://mirror.example.org/debian`

export function initCommand(cli: Cli): Command {
  return yardCommand(
    'init',
    'make a new yard: its directory, a commented switchyard.yaml and its signing key',
    example,
    { local: true },
  )
    .option('--mirror <url>', "Debian's archive (default: as this machine's apt is configured)")
    .option('--security-mirror <url>', "Debian's security archive (default: beside the archive)")
    .action(async (options: InitOptions) => {
      const directory = await yardDirectory(cli, options)
      const made = await createYard(cli, directory, options)
      if (options.json) printJson(cli, { directory, configuration: made.file })
      else cli.out(`made ${made.file}\nchange it as you like, then run: switchyard sync\n`)
    })
}
