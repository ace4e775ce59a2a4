import { Command } from 'commander'
import { agentCommand } from './commands/agent.ts'
import { applyCommand } from './commands/apply.ts'
import { approveCommand } from './commands/approve.ts'
import { bumpCommand } from './commands/bump.ts'
import { diffCommand } from './commands/diff.ts'
import { fetchCommand } from './commands/fetch.ts'
import { fsckCommand } from './commands/fsck.ts'
import { gateCommand } from './commands/gate.ts'
import { gcCommand } from './commands/gc.ts'
import { holdCommand, holdsCommand, unholdCommand } from './commands/holds.ts'
import { hostCommand } from './commands/host.ts'
import { initCommand } from './commands/init.ts'
import { lockCommand } from './commands/lock.ts'
import { logCommand } from './commands/log.ts'
import { catCommand, lsCommand } from './commands/look.ts'
import { overlayCommand } from './commands/overlay.ts'
import { planCommand } from './commands/plan.ts'
import { promoteCommand } from './commands/promote.ts'
import { releaseCommand } from './commands/release.ts'
import { repositoriesCommand } from './commands/repositories.ts'
import { rmCommand } from './commands/rm.ts'
import { rollbackCommand } from './commands/rollback.ts'
import { rolloutCommand } from './commands/rollout.ts'
import { searchCommand } from './commands/search.ts'
import { serveCommand } from './commands/serve.ts'
import { signCommand } from './commands/sign.ts'
import { snapshotsCommand } from './commands/snapshots.ts'
import { statusCommand } from './commands/status.ts'
import { stopCommand } from './commands/stop.ts'
import { syncCommand } from './commands/sync.ts'
import { tokenCommand } from './commands/token.ts'
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
      '\nEvery command has its own help with an example: switchyard COMMAND --help\nA yard elsewhere: --server URL and --token FILE (or SWITCHYARD_SERVER, SWITCHYARD_TOKEN) instead of --yard.\nExit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused, 4 done in part.',
    )
  const commands = [
    upCommand,
    initCommand,
    serveCommand,
    statusCommand,
    syncCommand,
    uploadCommand,
    fetchCommand,
    repositoriesCommand,
    snapshotsCommand,
    lsCommand,
    catCommand,
    diffCommand,
    searchCommand,
    overlayCommand,
    releaseCommand,
    releasesCommand,
    bumpCommand,
    holdCommand,
    unholdCommand,
    holdsCommand,
    gateCommand,
    approveCommand,
    promoteCommand,
    rollbackCommand,
    channelsCommand,
    rolloutCommand,
    planCommand,
    applyCommand,
    lockCommand,
    rmCommand,
    gcCommand,
    fsckCommand,
    trustCommand,
    signCommand,
    stopCommand,
    tokenCommand,
    hostCommand,
    agentCommand,
    logCommand,
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
