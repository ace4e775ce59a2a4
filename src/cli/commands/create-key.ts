import { Command } from 'commander'
import { YardError } from '../../model/index.ts'
import { type Cli, printJson } from '../context.ts'
import { passphraseOf } from '../passphrase.ts'

interface CreateOptions {
  encrypt?: boolean
  passphraseFile?: string
  json?: boolean
}

const example = `
switchyard trust keys create ada.pem --encrypt      # ada.pem, which you keep, and ada.pub, which you hand over`

/** Needs no yard and no network. */
export function createKeyCommand(cli: Cli): Command {
  return new Command('create')
    .summary('make a key of a person, who signs what hosts act on')
    .description(
      'make a key of a person, who signs what hosts act on: on any machine, without a yard or a network',
    )
    .argument('<file>', 'a new file, such as ada.pem')
    .option('--encrypt', 'with a passphrase, asked for on the terminal')
    .option('--passphrase-file <file>', 'with the passphrase in this file')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', `\nExample:\n${example.trim().replace(/^/gm, '  ')}`)
    .action(async (named: string, options: CreateOptions) => {
      const { resolve } = await import('node:path')
      const { createKeyFile, createPublicKeyFile } = await import('../../trust/index.ts')
      const file = resolve(cli.workingDirectory, named)
      const publicFile = `${file.replace(/\.pem$/, '')}.pub`
      await refuseIfThere(publicFile)
      const key = await createKeyFile(file, { passphrase: await newPassphrase(cli, options) })
      await createPublicKeyFile(publicFile, key)
      if (options.json) printJson(cli, { file, publicFile, keyid: key.keyid })
      else
        cli.out(
          `made key ${key.keyid.slice(0, 16)}: ${file}, which only you may have, and ${publicFile}, which you hand over\n`,
        )
    })
}

/** A key whose public half cannot be written is of no use. */
async function refuseIfThere(file: string): Promise<void> {
  const { existsSync } = await import('node:fs')
  if (existsSync(file))
    throw new YardError('exists', `there is a file ${file} already; no key was made`, {
      hint: 'name another file for the key',
    })
}

async function newPassphrase(cli: Cli, options: CreateOptions): Promise<string | undefined> {
  if (options.encrypt !== true && options.passphraseFile === undefined) return undefined
  const ask = passphraseOf(cli, options)
  const first = await ask('new passphrase: ')
  if (options.passphraseFile === undefined && (await ask('once more: ')) !== first)
    throw new YardError('usage', 'the two passphrases differ; no key was made')
  if (first !== '') return first
  throw new YardError('usage', 'the passphrase is empty; no key was made')
}
