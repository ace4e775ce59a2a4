import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { messageOf, YardError } from '../../model/index.ts'
import { type StatementSigner, statementSignerOf } from '../../trust/pure.ts'
import { readText } from './agent-files.ts'
import { replaceFile } from './disk.ts'
import type { Layout } from './layout.ts'

/** The host's own key, Ed25519: it never leaves the machine. */
export interface OwnKey {
  /** PKCS#8. */
  pem: string
  signer: StatementSigner
}

/** Undefined: there is none. @throws YardError `damaged`. */
export function loadKey({ key }: Layout): OwnKey | undefined {
  const pem = readText(key, 4096)
  if (pem === undefined) return undefined
  try {
    return { pem, signer: statementSignerOf(createPrivateKey(pem)) }
  } catch (error) {
    throw new YardError('damaged', `${key} is no key: ${messageOf(error)}`, {
      hint: 'run switchyard-agent leave, and enrol this host again with a new token',
    })
  }
}

/** Is on the disk when this returns. */
export function makeKey({ key }: Layout): OwnKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  replaceFile(key, pem)
  return { pem, signer: statementSignerOf(privateKey) }
}
