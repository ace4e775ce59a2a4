import type { Command } from 'commander'
import { Command as CommandGroup } from 'commander'
import { type Cli, printJson, withOpenYard, type YardOptions } from '../context.ts'
import { yardCommand } from '../yard-command.ts'

/** `trust keys show|rotate|retire`: the OpenPGP keys with which the yard signs what it composes and seals. */
export function trustCommand(cli: Cli): Command {
  const keys = new CommandGroup('keys').description('the keys that sign what the yard composes and seals')
  keys.addCommand(showCommand(cli))
  keys.addCommand(rotateCommand(cli))
  keys.addCommand(retireCommand(cli))
  return new CommandGroup('trust')
    .summary('the keys that sign')
    .description('the keys that sign what the yard composes and seals')
    .addCommand(keys)
}

function showCommand(cli: Cli): Command {
  return yardCommand('show', 'print the public keys for clients', 'switchyard trust keys show', {
    local: true,
  }).action((options: YardOptions) =>
    withOpenYard(cli, options, async ({ keys }) => {
      const directory = await keys()
      const publicKeys = await directory.publicKey()
      if (options.json)
        printJson(cli, {
          fingerprints: (await directory.signers()).map(key => key.fingerprint),
          publicKeys,
        })
      else cli.out(publicKeys)
    }),
  )
}

function rotateCommand(cli: Cli): Command {
  const example = 'switchyard trust keys rotate    # from now on the old and the new key sign'
  return yardCommand(
    'rotate',
    'make a new key; old and new ones sign until the old one is retired',
    example,
    { local: true },
  )
    .option('--why <text>', 'the reason, for the audit log')
    .action((options: YardOptions & { why?: string }) =>
      withOpenYard(cli, options, async ({ keys }) => {
        const key = await (await keys()).rotate({ why: options.why })
        if (options.json) printJson(cli, { fingerprint: key.fingerprint })
        else
          cli.out(
            `new key ${key.fingerprint}; give clients the output of \`switchyard trust keys show\`, then retire the old one\n`,
          )
      }),
    )
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
