import { digestOf } from '../../../model/index.ts'
import type { StatementSigner } from '../statement-key.ts'
import { type Chain, followChain } from './chain.ts'
import {
  clockAt,
  iso,
  newSigner,
  type RootFields,
  type Signed,
  signedBy,
  sourceOf,
  start,
  type TargetsFields,
  tufKey,
} from './repository.fixture.ts'
import { Suspicion } from './suspicion.ts'

const year = 365 * 24 * 3_600_000

interface MetaFields extends Signed {
  meta: { [file: string]: { version: number; length?: number; hashes?: { sha256: string } } }
}

/**
 * Any TUF repository, as the conformance suite of the TUF project has them: versions count from 1, roles and paths have whatever names, and everything
 * can be wrong. A step that is not published is not seen.
 */
export function createRepository() {
  const blank = <T extends Signed>(_type: string, rest: object): T =>
    ({ _type, spec_version: '1.0.34', version: 0, expires: iso(start + year), ...rest }) as unknown as T
  const repository = {
    files: new Map<string, Buffer>(),
    signers: new Map<string, StatementSigner[]>(),
    root: blank<RootFields>('root', { consistent_snapshot: true, keys: {}, roles: {} }),
    timestamp: blank<MetaFields>('timestamp', { meta: {} }),
    snapshot: blank<MetaFields>('snapshot', { meta: {} }),
    targets: blank<TargetsFields>('targets', { targets: {} }),
    roles: new Map<string, TargetsFields>(),
    /** Whether snapshot and timestamp tell hashes and lengths too. */
    withHashes: false,
  }
  const { root, timestamp, snapshot, targets, roles } = repository

  function fieldsOf(role: string): Signed {
    const top: { [role: string]: Signed } = { root, timestamp, snapshot, targets }
    return top[role] ?? roles.get(role)!
  }

  /** New versions, in that order. */
  function publish(...names: string[]): void {
    for (const role of names) {
      const signed = fieldsOf(role)
      signed.version++
      put(role, `${signed.version}.`)
    }
  }

  /** What stands in a role, under a name of choice. */
  function put(role: string, prefix: string): void {
    const signed = fieldsOf(role)
    const bytes = Buffer.from(JSON.stringify(signedBy(repository.signers.get(role) ?? [], signed)))
    const file = `${role === 'timestamp' ? '' : prefix}${encodeURIComponent(role)}.json`
    repository.files.set(`metadata/${file}`, bytes)
    const facts = { length: bytes.length, hashes: { sha256: digestOf(bytes) } }
    const meta = { version: signed.version, ...(repository.withHashes && facts) }
    if (role === 'snapshot') timestamp.meta['snapshot.json'] = meta
    else if (role !== 'root' && role !== 'timestamp') snapshot.meta[`${role}.json`] = meta
  }

  /** The JSON of a file as it is served, changed after it was signed. */
  function tamper(
    file: string,
    change: (metadata: { signed: Signed; signatures: { keyid: string; sig: string }[] }) => void,
  ) {
    const metadata = JSON.parse(repository.files.get(`metadata/${file}`)!.toString())
    change(metadata)
    repository.files.set(`metadata/${file}`, Buffer.from(JSON.stringify(metadata)))
  }

  /** Who may sign a top role, and does. */
  function allow(role: string, signers: StatementSigner[], threshold = 1, signing = signers): void {
    for (const { key } of signers) root.keys[key.keyid] = tufKey(key)
    root.roles[role] = { keyids: signers.map(({ key }) => key.keyid), threshold }
    repository.signers.set(role, signing)
  }

  /** Another key for a role; both old and new keys of root sign the next root. */
  function rotate(role: string): void {
    allow(role, [newSigner()])
  }

  interface Delegation {
    delegator?: string
    terminating?: boolean
    threshold?: number
    signers?: StatementSigner[]
  }
  function delegate(name: string, paths: string[], options: Delegation = {}): void {
    const { delegator = 'targets', terminating = false, threshold = 1, signers = [newSigner()] } = options
    const from = fieldsOf(delegator) as TargetsFields
    from.delegations ??= { keys: {}, roles: [] }
    for (const { key } of signers) from.delegations.keys[key.keyid] = tufKey(key)
    from.delegations.roles.push({
      name,
      paths,
      terminating,
      threshold,
      keyids: signers.map(({ key }) => key.keyid),
    })
    repository.signers.set(name, [...(repository.signers.get(name) ?? []), ...signers])
    if (!roles.has(name)) roles.set(name, blank('targets', { targets: {} }))
  }

  function add(role: string, path: string, text: string): void {
    const sha256 = digestOf(Buffer.from(text))
    ;(fieldsOf(role) as TargetsFields).targets[path] = { length: text.length, hashes: { sha256 } }
    repository.files.set(`targets/${path.replace(/[^/]+$/, name => `${sha256}.${name}`)}`, Buffer.from(text))
  }

  for (const role of ['root', 'timestamp', 'snapshot', 'targets']) allow(role, [newSigner()])
  publish('root', 'targets', 'snapshot', 'timestamp')
  return Object.assign(repository, {
    publish,
    put,
    tamper,
    allow,
    rotate,
    delegate,
    add,
    client: () => clientOf(repository.files),
  })
}

export type TufRepository = ReturnType<typeof createRepository>

/** Somebody who was given the first root, and keeps what the walk says is worth keeping. */
function clientOf(files: Map<string, Buffer>) {
  const kept = new Map<string, Uint8Array>([['root', files.get('metadata/1.root.json')!]])
  const source = sourceOf(files)
  const follow = async (now: number, use: (chain: Chain) => Promise<void>): Promise<string> => {
    try {
      const chain = await followChain(kept, source, clockAt(now))
      try {
        await use(chain)
      } finally {
        for (const [role, { bytes }] of chain.visited) kept.set(role, bytes)
      }
      return 'done'
    } catch (error) {
      if (error instanceof Suspicion) return error.suspicion
      throw error
    }
  }
  return {
    kept,
    /** Files that were asked for, without their folders. */
    asked: () => source.asked.map(path => path.replace(/^[a-z]+\//, '')),
    forget: () => void source.asked.splice(0),
    /** `done`, or what was suspected. */
    refresh: (now = start) => follow(now, async () => {}),
    /** The texts of paths, or what was suspected instead; `nowhere`: no role knows it. */
    async read(...paths: string[]): Promise<string[]> {
      const texts: string[] = []
      const end = await follow(start, async chain => {
        for (const path of paths) {
          const found = await chain.find(path)
          texts.push(
            found === undefined ? 'nowhere' : (await chain.read(path, found.target, 1000)).toString(),
          )
        }
      })
      return end === 'done' ? texts : [...texts, end]
    },
    /** What is trusted, by role. */
    versions: () =>
      Object.fromEntries(
        [...kept].map(([role, bytes]) => [
          role,
          JSON.parse(Buffer.from(bytes).toString()).signed.version as number,
        ]),
      ),
  }
}
