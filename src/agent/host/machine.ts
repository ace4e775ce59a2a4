import { statSync } from 'node:fs'
import { YardError } from '../../model/index.ts'
import { readText } from './agent-files.ts'
import type { Layout } from './layout.ts'

/** @throws YardError `unavailable` when the machine has none yet. */
export function readMachineId({ machineId }: Layout): string {
  const text = readText(machineId, 256)?.trim() ?? ''
  if (/^[0-9a-f]{32}$/.test(text)) return text
  throw new YardError('unavailable', `${machineId} holds no machine id; nothing was changed`, {
    hint: 'systemd-machine-id-setup makes one',
  })
}

/** What the machine says of itself. It may keep a host from what its labels say, and never gives it more. */
export function readFacts({ osRelease }: Layout): { [fact: string]: string } {
  const release = readText(osRelease, 64 * 1024) ?? ''
  const field = (name: string) =>
    new RegExp(`^${name}=["']?([\\x20-\\x7e]{1,60}?)["']?$`, 'm').exec(release)?.[1]
  const facts = {
    architecture: architectures[process.arch] ?? process.arch,
    distribution: field('ID'),
    'distribution-version': field('VERSION_ID'),
  }
  return Object.fromEntries(
    Object.entries(facts).flatMap(([fact, said]) => (said === undefined ? [] : [[fact, said]])),
  )
}

/** As Debian calls them. */
const architectures: { [node: string]: string } = { x64: 'amd64', arm64: 'arm64' }

/** Root becomes the user whom the agent's files belong to, or the agent could not read what root's commands wrote. */
export function becomeOwner({ state }: Layout): void {
  if (process.geteuid?.() !== 0) return
  const owner = statSync(state, { throwIfNoEntry: false })
  if (owner === undefined || owner.uid === 0) return
  process.setgroups!([owner.gid])
  process.setgid!(owner.gid)
  process.setuid!(owner.uid)
}
