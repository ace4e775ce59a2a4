import { join } from 'node:path'

/** Where the agent's files are. */
export interface Layout {
  /** What the operator of the host set; the agent only reads it. */
  settings: string
  /** Everything below is the agent's own. */
  state: string
  /** Who this host is: its key, certificate, and what it was told when it enrolled. */
  identity: string
  key: string
  /** What was verified and is believed, in one file: either all that a check found is there or nothing of it. */
  trusted: string
  card: string
  /** How the last check went, and what is counted over all of them. */
  memory: string
  /** Whatever is renamed to here wakes the agent. */
  inbox: string
  /** Reports that nobody took yet. */
  outbox: string
  lock: string
  machineId: string
  osRelease: string
}

/** @param root `/`; tests and images have another one. */
export function layoutOf(root: string): Layout {
  const state = join(root, 'var/lib/switchyard-agent')
  return {
    settings: join(root, 'etc/switchyard-agent/agent.json'),
    state,
    identity: join(state, 'identity/host.json'),
    key: join(state, 'identity/key.pem'),
    trusted: join(state, 'trusted.json'),
    card: join(state, 'card.json'),
    memory: join(state, 'state.json'),
    inbox: join(state, 'inbox'),
    outbox: join(state, 'outbox'),
    lock: join(state, 'lock'),
    machineId: join(root, 'etc/machine-id'),
    osRelease: join(root, 'etc/os-release'),
  }
}
