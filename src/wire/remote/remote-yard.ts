import { textOfByteString as text } from '../../model/index.ts'
import type { Yard } from '../../yard/index.ts'
import { createAsker, type RemoteOptions } from './ask.ts'
import { uploadThrough } from './upload-through.ts'

/** The yard of a server. It cannot be told from a local one, but for names that are not UTF-8, which cannot be asked for. */
export function createRemoteYard(options: RemoteOptions): Yard {
  const asker = createAsker(options)
  const { ask, read } = asker
  return {
    repositories: async () => (await ask('listRepositories')).repositories,
    snapshots: async repository =>
      repository === undefined
        ? (await ask('listSnapshots')).snapshots
        : (await ask('listRepositorySnapshots', { parameters: { repository } })).snapshots,
    snapshot: reference => ask('getSnapshot', { parameters: { reference } }),
    async sync(repositories, options = {}) {
      const { allowIdentityChange, why } = options
      return (await ask('sync', { body: { repositories, allowIdentityChange, why } }, options)).reports
    },
    upload: (repository, files, options) => uploadThrough(asker, repository, files, options ?? {}),
    fetch: (reference, options = {}) =>
      ask('fetchSnapshot', { parameters: { reference }, body: { why: options.why } }, options),
    diff: (from, to, options = {}) =>
      ask('diff', {
        query: { from, to, files: flag(options.files), changelogs: flag(options.changelogs) },
      }),
    compare: (from, to, options = {}) =>
      ask('compare', {
        query: { from, to, files: flag(options.files), changelogs: flag(options.changelogs) },
      }),
    compareSources: (from, to) => ask('compareSources', { query: { from, to } }),
    overlay: reference => ask('overlay', { query: { reference } }),
    list: async (reference, path) =>
      (await ask('listFiles', { parameters: { reference }, query: { path: text(path) } })).entries,
    cat: (reference, path) => read('readFile', { parameters: { reference }, query: { path: text(path) } }),
    search: async (pattern, options = {}) =>
      (await ask('search', { query: { package: pattern, ...options } })).hits,
    remove: async (reference, options = {}) =>
      (await ask('removeSnapshots', { parameters: { reference }, query: { why: options.why } }, options))
        .removed,
    trains: async train => (await ask('listTrains', { query: { train } })).trains,
    releases: async train => (await ask('listReleases', { query: { train } })).releases,
    release: (train, options = {}) => ask('cutRelease', { parameters: { train }, body: options }),
    bump: (train, packages, { signal, ...options } = {}) =>
      ask('bump', { parameters: { train }, body: { packages, ...options } }, { signal }),
    plan: async (options = {}) => (await ask('plan', { body: options })).items,
    apply: ({ signal, onVerdict, ...body } = {}) => ask('apply', { body }, { signal, onVerdict }),
    lock: () => ask('lock'),
    hold: ({ train, channel }, pattern, options) =>
      ask('hold', { body: { train, channel, package: pattern, ...options } }),
    unhold: ({ train, channel }, pattern, options = {}) =>
      ask('unhold', { query: { train, channel, package: pattern, why: options.why } }),
    holds: async train => (await ask('listHolds', { query: { train } })).holds,
    async gate(release, { channel, anew, ...told } = {}) {
      const request = { parameters: { release }, body: { channel, anew } }
      return (await ask('gate', request, told)).judged
    },
    evidence: async (release, options = {}) =>
      (await ask('listEvidence', { parameters: { release }, query: options })).kept,
    verdict: async (release, channel, gate) =>
      (await ask('readVerdict', { parameters: { release, channel, gate } })).text,
    approve: (release, options = {}) => ask('approve', { parameters: { release }, body: options }),
    promote: (channel, { signal, onVerdict, ...body } = {}) =>
      ask('promote', { parameters: channel, body }, { signal, onVerdict }),
    rollback: (channel, options = {}) => ask('rollback', { parameters: channel, body: options }),
    status: () => ask('readStatus'),
    resume: (channel, options = {}) => ask('resume', { parameters: channel, body: options }),
    statements: () => ask('readStatements'),
    requestSignatures: async () => (await ask('requestSignatures')).request,
    withdraw: async (change, options = {}) => {
      await ask('withdrawStaged', { parameters: { change }, query: { why: options.why } })
    },
    submit: (text, options = {}) => ask('submitSignatures', { body: { text, why: options.why } }),
    collectGarbage: (options = {}) => ask('collectGarbage', { body: options }),
    fsck: (options = {}) => ask('fsck', { body: { repair: options.repair, why: options.why } }, options),
    log: async (options = {}) => (await ask('readLog', { query: options })).entries,
    verifyLog: () => ask('verifyLog'),
    tokens: async () => (await ask('listTokens')).tokens,
    createToken: (name, options) => ask('createToken', { body: { name, ...options } }),
    revokeToken: (name, options = {}) =>
      ask('revokeToken', { parameters: { name }, query: { why: options.why } }),
    hosts: async ({ labels, ...filter } = {}) => {
      const query = { ...filter, ...(labels === undefined ? {} : { labels: JSON.stringify(labels) }) }
      return (await ask('listHosts', { query })).hosts
    },
    host: id => ask('showHost', { parameters: { id } }),
    revokeHost: (id, body) => ask('revokeHost', { parameters: { id }, body }),
    labelHost: (id, body) => ask('labelHost', { parameters: { id }, body }),
    changeHostCard: (id, body) => ask('changeHostCard', { parameters: { id }, body }),
    moveHost: (id, body) => ask('moveHost', { parameters: { id }, body }),
    quarantineHost: (id, body) => ask('quarantineHost', { parameters: { id }, body }),
    liftQuarantine: (id, options = {}) =>
      ask('liftQuarantine', { parameters: { id }, query: { why: options.why } }),
    hostTokens: async () => (await ask('listHostTokens')).tokens,
    createHostToken: (name, options) => ask('createHostToken', { body: { name, ...options } }),
    revokeHostToken: (name, options = {}) =>
      ask('revokeHostToken', { parameters: { name }, query: { why: options.why } }),
    close: async () => undefined,
  }
}

function flag(value: boolean | undefined): 'true' | 'false' {
  return value === true ? 'true' : 'false'
}
