import { type HostCard, maximumCardBytes } from '../../model/index.ts'
import type { Envelope, Standing, Trusted } from '../../trust/pure.ts'
import { type Identity, maximumIdentityBytes, parseIdentity, parseObject } from '../identity.ts'
import { type Memory, maximumMemoryBytes, parseMemory } from '../memory.ts'
import { parseSettings, type Settings } from '../settings.ts'
import { readFile, replaceFile } from './disk.ts'
import type { Layout } from './layout.ts'

/** @throws YardError `configuration`. */
export function loadSettings({ settings }: Layout): Settings {
  return parseSettings(readText(settings, 64 * 1024), settings)
}

/** Undefined: the host is not enrolled. @throws YardError `damaged`. */
export function loadIdentity({ identity }: Layout): Identity | undefined {
  const text = readText(identity, maximumIdentityBytes)
  return text === undefined ? undefined : parseIdentity(text, identity)
}

export function saveIdentity({ identity }: Layout, value: Identity): void {
  replaceFile(identity, JSON.stringify(value, undefined, 1))
}

export function loadMemory({ memory }: Layout, now: number): Memory {
  return parseMemory(readText(memory, maximumMemoryBytes), now)
}

export function saveMemory({ memory }: Layout, value: Memory): void {
  replaceFile(memory, JSON.stringify(value, undefined, 1))
}

/**
 * What was verified and is believed, in one file: either all of a check is there or nothing of it. What cannot be read is as if it was not
 * there: the host begins again from the root that it enrolled with, and does nothing until it has statements.
 */
export function loadTrusted({ trusted }: Layout, identity: Identity): Trusted {
  const kept = parseObject<KeptTrust>(readText(trusted, maximumTrustedBytes) ?? '')
  const root = kept?.metadata?.root
  if (kept?.version !== 1 || typeof root !== 'string') return trustAtEnrolment(identity)
  if (parseObject(Buffer.from(root, 'base64').toString('utf8')) === undefined)
    return trustAtEnrolment(identity)
  const { metadata, standing, halt } = kept
  const entries = Object.entries(metadata).map(
    ([role, bytes]) => [role, Buffer.from(bytes, 'base64')] as const,
  )
  return { metadata: new Map(entries), ...(standing && { standing }), ...(halt && { halt }) }
}

export function saveTrusted({ trusted }: Layout, { metadata, standing, halt }: Trusted): void {
  const entries = [...metadata].map(([role, bytes]) => [role, Buffer.from(bytes).toString('base64')])
  const kept: KeptTrust = {
    version: 1,
    metadata: Object.fromEntries(entries),
    ...(standing && { standing }),
    ...(halt && { halt }),
  }
  replaceFile(trusted, JSON.stringify(kept, undefined, 1))
}

export function trustAtEnrolment({ root }: Identity): Trusted {
  return { metadata: new Map([['root', Buffer.from(root.metadata, 'base64')]]) }
}

interface KeptTrust {
  version: 1
  metadata: { [role: string]: string }
  standing?: Standing
  halt?: NonNullable<Trusted['halt']>
}

/** The card that was believed, in its envelope. */
export function loadCard({ card }: Layout): HostCard | undefined {
  const envelope = parseObject<Envelope>(readText(card, maximumCardBytes) ?? '')
  if (typeof envelope?.payload !== 'string') return undefined
  return parseObject<HostCard>(Buffer.from(envelope.payload, 'base64').toString('utf8'))
}

export function readText(file: string, maximum: number): string | undefined {
  return readFile(file, maximum)?.toString('utf8')
}

const maximumTrustedBytes = 32 * 1024 * 1024
