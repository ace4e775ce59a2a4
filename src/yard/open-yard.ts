import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Catalog, openCatalog } from '../catalog/index.ts'
import {
  type Configuration,
  type MirrorConfiguration,
  readConfiguration,
  type UploadsConfiguration,
} from '../config/index.ts'
import { createHostsDoor, type FleetContext, type HostsDoor } from '../fleet/index.ts'
import { type Halt, messageOf, type Name, textOfByteString, YardError } from '../model/index.ts'
import { type Content, createContent, reconcile } from '../repository/index.ts'
import { briefReads, type Locks, openFsStore } from '../store/index.ts'
import { type Actor, gates, reconcileTrains, refreshStatements } from '../train/index.ts'
import { cachedPages } from '../tree/index.ts'
import { type Keyring, keysAtHand, loadKeyring, openStatements } from '../trust/index.ts'
import { createFetcher, type Fetcher, readAptProxy } from '../upstream/index.ts'
import { type Arrivals, createArrivals } from './arrivals.ts'
import { createHeadKeeper } from './audit-head.ts'
import { createBlobStates } from './blob-states.ts'
import { auditHalt } from './ceremony.ts'
import { type ContentServer, createContentReach } from './content-reach.ts'
import { createHostAuthorities } from './host-authorities.ts'
import { createLocalYard } from './local-yard.ts'
import { once, oncePer } from './once.ts'
import { createOwnKeys, type OwnKeys, openOwnKeys, recordedKeys } from './own-keys.ts'
import { recordInterrupted } from './recorded.ts'
import { createStatementKeys, type StatementKeys } from './statement-keys.ts'
import { authenticate, type Bearer } from './tokens.ts'
import type { Yard } from './yard.ts'

/** A yard that is open: its verbs, its read path, and what the server needs to know of it. */
export interface OpenYard {
  yard: Yard
  content: Content
  configuration: Configuration
  directory: string
  /** The yard's own signing keys; the first one is made when there is none. */
  keys(): Promise<OwnKeys>
  /** Who signs what hosts act on. */
  statementKeys: StatementKeys
  /** Writes into the audit log that somebody stopped channels. */
  auditHalt(halt: Halt): Promise<void>
  /** Told by a server of this process where it listens, so that no other one is started for gates. */
  servedAt(url: string): void
  /** The same yard on behalf of somebody else. Closing it closes nothing. */
  as(actor: Actor): Yard
  /** Blobs that somebody brings before an upload names them. */
  arrivals: Arrivals
  /** What hosts ask for, by a port of their own. */
  hosts: HostsDoor
  /**
   * Brings what hosts are told up to date, and signs again what is past half of its life; `all`: everything, as after a backup was restored.
   * @throws YardError naming each train that failed.
   */
  refreshStatements(options?: { all?: boolean }): Promise<void>
  /** Who bears a token. @throws YardError `unauthenticated`, without the text of the token. */
  authenticate(token: string): Promise<Bearer>
  close(): Promise<void>
}

export interface OpenYardOptions {
  environment: NodeJS.ProcessEnv
  /** Milliseconds since the epoch; a test's own clock. */
  now?: () => number
  /** On whose behalf; default: the user of this process, at the command line. */
  actor?: Actor
  /** Serves the yard's content to this machine, for the programs of gates; called when the first one needs it. */
  serveContent?: (open: OpenYard) => Promise<ContentServer>
  /** Memory for decoded pages, in bytes. */
  pageCacheBytes?: number
}

export const configurationName = 'switchyard.yaml'
/** How long a server answers from refs that it has read; another process's snapshot is seen within it. */
const briefMilliseconds = 100
const defaultPageCacheBytes = 32 * 1024 * 1024

/**
 * Opens the yard in a directory: the one file that chooses drivers. Cheap: database, keys and upstreams are opened at
 * their first use, so that content can be served when they are gone.
 * @throws YardError `configuration` when there is no readable, valid switchyard.yaml.
 */
export async function openYard(directory: string, options: OpenYardOptions): Promise<OpenYard> {
  const root = resolve(directory)
  const now = options.now ?? Date.now
  const configuration = await loadConfiguration(root)
  const store = openFsStore(root)
  const { refs, brief } = briefReads(store.refs, briefMilliseconds, () => performance.now())
  const resources = lazyResources(root, configuration, store.locks, options)
  const blobStates = createBlobStates({
    refs,
    locks: store.locks,
    catalog: resources.catalog,
    id: `${process.pid}-${randomUUID()}`,
  })
  const actor = options.actor ?? { who: userInfo().username, via: 'command line' }
  const head = createHeadKeeper({ ...resources, refs, locks: store.locks, now })
  const { serveContent } = options
  const reach = createContentReach(serveContent && (() => serveContent(open)))
  const statementKeysDirectory = join(root, 'keys', 'statements')
  const statementKeys = keysAtHand(statementKeysDirectory)
  const context: FleetContext = {
    configuration,
    actor,
    cause: { verb: 'snapshot', ...actor },
    ...store,
    blobs: blobStates.watch(store.blobs),
    refs,
    trees: cachedPages(store.pages, options.pageCacheBytes ?? defaultPageCacheBytes),
    ...resources,
    compressXz,
    seedFile: (directory, path) => join(directory, textOfByteString(path)),
    now,
    clock: () => performance.now(),
    catalog: once(async () => {
      const catalog = head.watch(await resources.catalog())
      const opened = { ...context, catalog: async () => catalog }
      await reconcile(opened)
      await reconcileTrains(opened)
      await recordInterrupted(context, catalog)
      return catalog
    }),
    sleep: async (milliseconds, signal) => {
      await delay(milliseconds, undefined, signal === undefined ? {} : { signal })
    },
    contentUrl: reach.contentUrl,
    urlOf: reach.urlOf,
    onLost: digest => blobStates.add(digest, 'lost'),
    settleBlobStates: blobStates.flush,
    authorities: createHostAuthorities({
      directory: join(root, 'keys', 'hosts'),
      refs,
      locks: store.locks,
      now,
    }),
    statementSigners: statementKeys.signers,
    statements: openStatements({
      refs,
      locks: store.locks,
      keys: statementKeys,
      now,
    }),
  }
  const close = async () => {
    await reach.close()
    await blobStates.flush()
    await head.flush()
    await resources.close()
    store.close()
  }
  const open: OpenYard = {
    yard: createLocalYard(context, close),
    content: createContent({ ...context, refs: brief }),
    configuration,
    directory: root,
    statementKeys: createStatementKeys(statementKeysDirectory, context),
    auditHalt: halt => auditHalt(context, halt),
    servedAt: reach.servedAt,
    keys: async () => recordedKeys(createOwnKeys(await resources.keys(), context), context),
    as: actor =>
      createLocalYard({ ...context, actor, cause: { verb: 'snapshot', ...actor } }, async () => undefined),
    arrivals: createArrivals(context.blobs),
    hosts: createHostsDoor({ ...context, actor: { who: 'switchyard', via: 'api' } }),
    refreshStatements: options => refreshStatements(context, options),
    authenticate: token => authenticate(refs, token, context.now()),
    close,
  }
  return open
}

/** @throws YardError `configuration`, with what to do when there is no yard here. */
async function loadConfiguration(root: string): Promise<Configuration> {
  const file = join(root, configurationName)
  try {
    return readConfiguration(file, await readFile(file, 'utf8'), gates)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new YardError('configuration', `there is no yard in ${root}: ${configurationName} is missing`, {
        hint: 'make one with `switchyard init`, or name another directory with --yard',
      })
    throw error
  }
}

/** Everything that is opened at its first use, once. */
function lazyResources(root: string, configuration: Configuration, locks: Locks, options: OpenYardOptions) {
  const catalog = once(() =>
    openCatalog(
      configuration.database.kind === 'sqlite'
        ? { kind: 'sqlite', file: join(root, 'catalog.sqlite') }
        : configuration.database,
    ),
  )
  const keys = once(() => openOwnKeys(join(root, 'keys'), configuration, locks, options.now ?? Date.now))
  const aptProxy = once(() => readAptProxy())
  const fetchers = oncePer<string, Fetcher>()
  const fetcherOf = (name: Name, urls: string[], mirror: MirrorConfiguration, pages: string[] = []) => {
    const key = `${name} ${[...urls, ...pages].join(' ')}`
    return fetchers.get(key, () =>
      createFetcher({
        urls,
        pages,
        transport: mirror.upstream.transport,
        environment: options.environment,
        aptProxy,
        object: name,
      }),
    )
  }
  const keyrings = oncePer<string, Keyring>()
  const opened: { catalog: Promise<Catalog> | undefined } = { catalog: undefined }
  return {
    catalog: () => (opened.catalog = catalog()),
    fetcher(mirror: MirrorConfiguration) {
      const { upstream, name } = mirror
      const list = upstream.format === 'dnf' ? upstream.mirrors : undefined
      return fetcherOf(name, upstream.urls, mirror, list === undefined ? [] : [list.url])
    },
    fallbackFetcher: async (mirror: MirrorConfiguration) =>
      mirror.fallback.length === 0
        ? undefined
        : fetcherOf(mirror.name, mirror.fallback, withoutCredentials(mirror)),
    async keyring(repository: MirrorConfiguration | UploadsConfiguration) {
      const file = repository.kind === 'mirror' ? repository.upstream.keyring : repository.keyring
      return file === undefined ? undefined : keyrings.get(file, () => loadKeyring(file))
    },
    keys,
    signers: async () => (await keys()).signers(),
    publicKeys: async (fingerprints?: readonly string[]) => (await keys()).publicKey(fingerprints),
    async close() {
      for (const fetcher of fetchers.all()) await (await fetcher.catch(() => undefined))?.close()
      await (await opened.catalog?.catch(() => undefined))?.close()
    },
  }
}

/** What the upstream may know is no business of the archives that stand in for it, which often are somebody else's. */
function withoutCredentials(mirror: MirrorConfiguration): MirrorConfiguration {
  const { transport } = mirror.upstream
  const anonymous = { ...transport, basicAuth: undefined, headers: [], clientCertificate: undefined }
  return { ...mirror, upstream: { ...mirror.upstream, transport: anonymous } }
}

/** One single-block stream, by the machine's own xz: Node has no encoder. */
function compressXz(bytes: Buffer): Promise<Buffer> {
  return new Promise((fulfil, reject) => {
    const child = execFile(
      'xz',
      ['-6', '--check=crc64', '--threads=1', '--stdout'],
      { encoding: 'buffer', maxBuffer: bytes.length + 65_536 },
      (error, stdout) =>
        error === null
          ? fulfil(stdout)
          : reject(
              new YardError('unavailable', `xz failed: ${messageOf(error)}`, {
                hint: 'install xz-utils, or set compression: [gz]',
                cause: error,
              }),
            ),
    )
    child.stdin?.on('error', () => undefined).end(bytes)
  })
}
