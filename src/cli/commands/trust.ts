import type { Command } from 'commander'
import { Command as CommandGroup } from 'commander'
import { type Cli, printJson, withOpenYard, type YardOptions } from '../context.ts'
import { yardCommand } from '../yard-command.ts'
import { createKeyCommand } from './create-key.ts'
import { assignCommand, hardenCommand, rotateStatementKey } from './trust-people.ts'
import { refreshCommand } from './trust-refresh.ts'
import { showStatementsCommand, stagedCommand, submitCommand, withdrawCommand } from './trust-statements.ts'

/** `trust`: the keys that sign packages and seals (OpenPGP), and those that sign what hosts act on. */
export function trustCommand(cli: Cli): Command {
  const keys = new CommandGroup('keys').description(
    'keys: of people and of the yard, for what hosts act on; and those that sign what the yard composes and seals',
  )
  for (const make of [createKeyCommand, showCommand, rotateCommand, retireCommand]) keys.addCommand(make(cli))
  const trust = new CommandGroup('trust')
    .summary('who signs what')
    .description('who signs what hosts act on, and the keys that sign what the yard composes and seals')
    .addCommand(keys)
  const statements = [
    showStatementsCommand,
    stagedCommand,
    submitCommand,
    withdrawCommand,
    assignCommand,
    hardenCommand,
    refreshCommand,
  ]
  for (const make of statements) trust.addCommand(make(cli))
  return trust
}

const showExample = `
switchyard trust keys show            # what apt and dnf trust
switchyard trust keys show ada.pub    # the id of a person's key`

function showCommand(cli: Cli): Command {
  return yardCommand('show', "print the public keys for apt and dnf, or a person's key", showExample, {
    local: true,
  })
    .argument('[file]', "a person's public key")
    .action((file: string | undefined, options: YardOptions) =>
      file === undefined ? showSealingKeys(cli, options) : showKeyFile(cli, file, options),
    )
}

function showSealingKeys(cli: Cli, options: YardOptions): Promise<void> {
  return withOpenYard(cli, options, async ({ keys }) => {
    const directory = await keys()
    const publicKeys = await directory.publicKey()
    if (options.json)
      printJson(cli, {
        fingerprints: (await directory.signers()).map(key => key.fingerprint),
        publicKeys,
      })
    else cli.out(publicKeys)
  })
}

async function showKeyFile(cli: Cli, file: string, { json }: YardOptions): Promise<void> {
  const { resolve } = await import('node:path')
  const { readPublicKeyFile } = await import('../../trust/index.ts')
  const key = await readPublicKeyFile(resolve(cli.workingDirectory, file))
  if (json) printJson(cli, key)
  else cli.out(`${key.keyid}\n`)
}

const rotateExample = `
switchyard trust keys rotate                       # what apt and dnf trust: the old and the new key sign
switchyard trust keys rotate online                # a new key in the yard for what hosts act on
switchyard trust keys rotate ada --with ada-2.pub  # a person's`

function rotateCommand(cli: Cli): Command {
  return yardCommand('rotate', 'put a new key in the place of an old one', rotateExample, { local: true })
    .argument(
      '[key]',
      "whose: online, solo, a person's name or the beginning of an id (default: apt's and dnf's)",
    )
    .option('--with <file>', "a person's new public key")
    .option('--why <text>', 'the reason, for the audit log')
    .action((key: string | undefined, options: YardOptions & { with?: string; why?: string }) =>
      key === undefined ? rotateSealingKey(cli, options) : rotateStatementKey(cli, key, options),
    )
}

function rotateSealingKey(cli: Cli, options: YardOptions & { why?: string }): Promise<void> {
  return withOpenYard(cli, options, async ({ keys }) => {
    const key = await (await keys()).rotate({ why: options.why })
    if (options.json) printJson(cli, { fingerprint: key.fingerprint })
    else
      cli.out(
        `new key ${key.fingerprint}; give clients the output of \`switchyard trust keys show\`, then retire the old one\n`,
      )
  })
}

function retireCommand(cli: Cli): Command {
  return yardCommand(
    'retire',
    'let a key sign no more',
    'switchyard trust keys retire 0123456789ABCDEF0123456789ABCDEF01234567',
    { local: true },
  )
    .argument('<fingerprint>', 'as `trust keys show --json` names it')
    .option('--why <text>', 'the reason, for the audit log')
    .action((fingerprint: string, options: YardOptions & { why?: string }) =>
      withOpenYard(cli, options, async ({ keys }) => {
        await (await keys()).retire(fingerprint, { why: options.why })
        if (options.json) printJson(cli, { retired: fingerprint })
        else cli.out(`retired ${fingerprint}\n`)
      }),
    )
}
