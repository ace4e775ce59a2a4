import { readFileSync } from 'node:fs'
import { isYardError } from '../model/index.ts'
import { askApt, askGpgv } from './gnupg.fixture.ts'
import { parseKeyring } from './keyring.ts'
import type { Mutant } from './signature-mutants.fixture.ts'
import type { Corpus } from './signed-corpus.fixture.ts'
import { verifyClearSigned, verifyDetached } from './verify.ts'

interface Verdicts {
  accepted: boolean
  /** What must never be: we accept what gpgv or apt does not, or read another text. */
  fault: string | undefined
  /** Why we refuse what gpgv accepts. */
  stricter: string | undefined
}

const anyDigest = 'Hash: SHA1,RIPEMD160,SHA224,SHA256,SHA384,SHA512'

/**
 * Our verdict on a document beside that of gpgv and apt. Allowed to us: a `Hash` header that does not name the digests, which only
 * gpgv needs (it is asked again with one that does), and detached signatures in binary, which only gpgv takes.
 */
export async function compareVerdicts(corpus: Corpus, mutant: Mutant): Promise<Verdicts> {
  const ours = await verdictOf(corpus, mutant)
  let gpgv = ask(corpus, mutant)
  if (typeof ours === 'string')
    return { accepted: false, fault: undefined, stricter: gpgv.accepted ? ours : undefined }
  if (!gpgv.accepted && mutant.data === undefined) gpgv = ask(corpus, withAnyDigest(mutant))
  return { accepted: true, fault: faultOf(corpus, mutant, gpgv, ours), stricter: undefined }
}

function faultOf(
  corpus: Corpus,
  mutant: Mutant,
  gpgv: ReturnType<typeof ask>,
  ours: Buffer,
): string | undefined {
  if (!gpgv.accepted) return `accepted, but gpgv says ${gpgv.statuses.join(' ') || 'nothing'}`
  if (!isBinary(mutant) && !askApt(corpus.gnupg, corpus.keyringFile, mutant.document, mutant.data))
    return 'accepted, but apt refuses it'
  if (mutant.data === undefined && !ours.equals(withoutCr(gpgv.output!)))
    return 'the text is not that of gpgv'
  return undefined
}

/** The signed text, or why there is none. */
async function verdictOf(
  { keyringFile }: Corpus,
  { document, data, keyring }: Mutant,
): Promise<Buffer | string> {
  const options = { now: Date.now(), object: 'the document' }
  try {
    const keys = parseKeyring(keyring ?? readFileSync(keyringFile), 'keyring')
    const verified =
      data === undefined
        ? await verifyClearSigned(document, keys, options)
        : await verifyDetached(data, document, keys, options)
    return verified.signed
  } catch (error) {
    if (!isYardError(error, 'untrusted', 'configuration')) throw error
    return error.message.replace(/ key [0-9A-F]+| at byte \d+|keyring \S+/g, '')
  }
}

function ask({ gnupg, keyringFile }: Corpus, { document, data, keyring }: Mutant) {
  return askGpgv(gnupg, keyring === undefined ? keyringFile : gnupg.file(keyring), document, data)
}

function withAnyDigest(mutant: Mutant): Mutant {
  const lines = mutant.document.toString('latin1').split('\n')
  const end = lines.findIndex((line, index) => index > 0 && line.trim() === '')
  return { ...mutant, document: Buffer.from([lines[0], anyDigest, ...lines.slice(end)].join('\n'), 'latin1') }
}

/** gpgv keeps a CR before a line break; it is not signed, so we do not. */
export function withoutCr(text: Buffer): Buffer {
  return Buffer.from(text.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
}

function isBinary({ document }: Mutant): boolean {
  return (document[0] ?? 0) >= 0x80
}
