import { type ByteString, YardError } from '../../model/index.ts'
import type { RpmFile } from './package-file.ts'
import { signatureTags } from './tags.ts'

/** An OpenPGP signature that a package carries, yet to be verified. */
export interface PackageSignature {
  /** The binary signature packet, as it is stored. */
  packet: Buffer
  /** What is signed: `headerBytes`, or those and the compressed payload behind them (before rpm 4.14's digests). */
  covers: 'header' | 'header-and-payload'
}

/**
 * The signatures in a package's signature header, each once: what rpm 6 writes (OPENPGP), what earlier ones do (RSA, DSA), then the
 * legacy ones over header and payload (PGP, GPG). Empty for a package that is not signed.
 * @throws YardError `invalid` for what is not base64, or not of the type that a signature has.
 */
export function signaturesOf({ signature }: RpmFile, object: string): PackageSignature[] {
  const ofHeader = [
    ...(signature.get(signatureTags.OPENPGP) ?? []).map(text => packetOf(text, object)),
    ...present(signature.get(signatureTags.RSA)),
    ...present(signature.get(signatureTags.DSA)),
  ]
  const ofAll = [...present(signature.get(signatureTags.PGP)), ...present(signature.get(signatureTags.GPG))]
  return [
    ...distinct(ofHeader).map(packet => ({ packet, covers: 'header' as const })),
    ...distinct(ofAll).map(packet => ({ packet, covers: 'header-and-payload' as const })),
  ]
}

function packetOf(text: ByteString, object: string): Buffer {
  const letters = text.replace(/[\r\n]/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(letters))
    throw new YardError('invalid', `${object} is no valid RPM package: its signature is not base64`)
  return Buffer.from(letters, 'base64')
}

function present(packet: Buffer | undefined): Buffer[] {
  return packet === undefined ? [] : [packet]
}

function distinct(packets: Buffer[]): Buffer[] {
  return [...new Map(packets.map(packet => [packet.toString('latin1'), packet])).values()]
}
