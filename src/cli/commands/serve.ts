import { type Command, Option } from 'commander'
import { type Cli, withOpenYard, type YardOptions } from '../context.ts'
import { serveUntilStopped } from '../serve-until-stopped.ts'
import { yardCommand } from '../yard-command.ts'

interface ServeOptions extends YardOptions {
  publicUrl?: string
  logLevel: LogLevel
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const
type LogLevel = (typeof logLevels)[number]

const example = `switchyard serve --public-url https://yard.example.org`

export function serveCommand(cli: Cli): Command {
  return yardCommand(
    'serve',
    'serve snapshots and the API; listens on loopback unless switchyard.yaml says otherwise',
    example,
    { json: false, local: true },
  )
    .option('--public-url <url>', 'how clients reach this server (default: as each of them names it)')
    .addOption(
      new Option('--log-level <level>', 'info writes a line for every answer')
        .choices(logLevels)
        .default('warn'),
    )
    .action((options: ServeOptions) =>
      withOpenYard(cli, options, async open => {
        const { publicUrl, logLevel } = options
        await serveUntilStopped(cli, open, { logLevel, ...(publicUrl === undefined ? {} : { publicUrl }) })
      }),
    )
}
