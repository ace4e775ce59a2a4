import { Command } from 'commander'
import { diffCommand } from './commands/diff.ts'
import { fetchCommand } from './commands/fetch.ts'
import { fsckCommand } from './commands/fsck.ts'
import { gcCommand } from './commands/gc.ts'
import { initCommand } from './commands/init.ts'
import { catCommand, lsCommand } from './commands/look.ts'
import { promoteCommand } from './commands/promote.ts'
import { releaseCommand } from './commands/release.ts'
import { repositoriesCommand } from './commands/repositories.ts'
import { rmCommand } from './commands/rm.ts'
import { rollbackCommand } from './commands/rollback.ts'
import { searchCommand } from './commands/search.ts'
import { serveCommand } from './commands/serve.ts'
import { snapshotsCommand } from './commands/snapshots.ts'
import { syncCommand } from './commands/sync.ts'
import { channelsCommand, releasesCommand } from './commands/trains.ts'
import { trustCommand } from './commands/trust.ts'
import { upCommand } from './commands/up.ts'
import { uploadCommand } from './commands/upload.ts'
import type { Cli } from './context.ts'
import { version } from './version.ts'

/** The whole command line. Actions throw YardError; usage mistakes throw commander's own error. */
export function createProgram(cli: Cli): Command {
  const program = new Command('switchyard')
    .description(
      'The rolling distribution with the brakes on: mirrors, immutable snapshots, and what changed between them.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureHelp({
      subcommandTerm: command =>
        [command.name(), command.usage().replace('[options] ', '').replace('[options]', '')].join(' ').trim(),
    })
    .exitOverride()
    .configureOutput({ writeOut: text => cli.out(text), writeErr: text => cli.err(text) })
    .addHelpText(
      'after',
      '\nEvery command has its own help with an example: switchyard COMMAND --help\nExit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused, 4 done in part.',
    )
  const commands = [
    upCommand,
    initCommand,
    serveCommand,
    syncCommand,
    uploadCommand,
    fetchCommand,
    repositoriesCommand,
    snapshotsCommand,
    lsCommand,
    catCommand,
    diffCommand,
    searchCommand,
    releaseCommand,
    releasesCommand,
    promoteCommand,
    rollbackCommand,
    channelsCommand,
    rmCommand,
    gcCommand,
    fsckCommand,
    trustCommand,
  ]
  for (const make of commands) program.addCommand(inherit(make(cli), program))
  return program
}

/** Subcommands report through the same channels. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inherit(child as Command, command)
  return command
}
