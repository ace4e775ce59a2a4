import { Command } from 'commander'
import { YardError } from '../../model/index.ts'
import type { TrustedKey } from '../../trust/index.ts'
import type { StatementSigner } from '../../trust/pure.ts'
import { type Cli, printJson } from '../context.ts'
import { passphraseOf } from '../passphrase.ts'
import { readBounded } from '../read-bounded.ts'
import { haltWords, requestWords, rootWords } from '../request-text.ts'

interface SignOptions {
  key?: string
  root?: string
  out?: string
  passphraseFile?: string
  json?: boolean
}

const example = `
switchyard sign request.json                                      # what it means, and who has signed it
switchyard sign request.json --root root.json --key ada.pem --out signed.json`

/** Needs no yard and no network. */
export function signCommand(cli: Cli): Command {
  return new Command('sign')
    .summary('say what a request for signatures means, and sign it')
    .description(
      'say what a request for signatures means, and sign it with a key of yours: on any machine, without a yard or a network',
    )
    .argument('<request>', 'from `switchyard trust staged --out`, or a halt from `switchyard stop --out`')
    .option('--key <file>', 'sign with this key what it may sign')
    .option('--root <file>', 'a root that you trust: what is in force must follow from it')
    .option('--passphrase-file <file>', 'a file with its passphrase (default: ask on the terminal)')
    .option('--out <file>', 'where the signed request goes')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', `\nExample:\n${example.trim().replace(/^/gm, '  ')}`)
    .action(async (file: string, options: SignOptions) => {
      if ((options.key === undefined) !== (options.out === undefined))
        throw new YardError('usage', 'to sign, name both --key and --out; nothing was signed')
      const { resolve } = await import('node:path')
      const at = (name: string) => resolve(cli.workingDirectory, name)
      const { maximumRequestBytes, writeDurably } = await import('../../trust/index.ts')
      const text = await readBounded(cli, file, maximumRequestBytes)
      const signer = await signerOf(cli, options, at)
      const signed = text.trimStart().startsWith('[')
        ? await signHalts(cli, options, { file, text }, signer)
        : await signRequested(cli, options, { file, text }, signer)
      if (options.out !== undefined) await writeDurably(at(options.out), signed, 0o644)
    })
}

async function signerOf(cli: Cli, options: SignOptions, at: (name: string) => string) {
  if (options.key === undefined) return undefined
  const { loadKeyFile } = await import('../../trust/index.ts')
  const ask = passphraseOf(cli, options)
  return loadKeyFile(at(options.key), { passphrase: () => ask(`passphrase of ${options.key}: `) })
}

const maximumRootBytes = 512 * 1024

interface Input {
  file: string
  text: string
}

async function signRequested(
  cli: Cli,
  options: SignOptions,
  input: Input,
  signer: StatementSigner | undefined,
) {
  const trust = await import('../../trust/index.ts')
  const request = trust.parseRequest(input.text, input.file)
  const known =
    options.root === undefined
      ? undefined
      : trust.parseRoot(await readBounded(cli, options.root, maximumRootBytes), options.root)
  trust.checkContext(request, known)
  const meanings = trust.meaningsOf(request)
  const mine = signer === undefined ? [] : trust.rolesSignedBy(request, signer.key.keyid)
  if (signer !== undefined && mine.length === 0)
    throw new YardError(
      'refused',
      `key ${signer.key.keyid.slice(0, 16)} may sign nothing in ${input.file}; nothing was signed`,
      { hint: '`switchyard sign REQUEST` shows whose signatures are asked for' },
    )
  const signed = signer === undefined ? request : trust.signRequest(request, new Set(mine), signer)
  const signatures = trust.signaturesOf(signed)
  if (options.json) printJson(cli, { meanings, signatures, signed: mine })
  else {
    const nameOf = (key: TrustedKey) =>
      `${trust.keyText(key)}${key.keyid === signer?.key.keyid ? ' (yours)' : ''}`
    cli.out(rootWords(request.root.signed.version, trust.digestOfRoot(request), known !== undefined))
    cli.out(requestWords(meanings, signatures, nameOf))
    if (signer !== undefined) cli.out(`\nsigned: ${mine.join(', ')}\n`)
  }
  return trust.requestText(signed)
}

async function signHalts(
  cli: Cli,
  options: SignOptions,
  { file, text }: Input,
  signer: StatementSigner | undefined,
) {
  const { claimedHalt, countersign, haltsText, readHalts } = await import('../../trust/pure.ts')
  const envelopes = readHalts(text)
  const halts = envelopes?.map(claimedHalt)
  if (envelopes === undefined || halts === undefined || halts.some(halt => halt === undefined))
    throw new YardError('invalid', `${file} is no file of halts; nothing was signed`)
  const signed = signer === undefined ? envelopes : envelopes.map(one => countersign(one, signer))
  if (options.json) printJson(cli, { halts, signed: signer === undefined ? [] : ['halt'] })
  else for (const halt of halts) cli.out(haltWords(halt!))
  return haltsText(signed)
}
