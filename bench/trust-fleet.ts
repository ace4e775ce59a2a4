/**
 * Makes a yard's fleet: `trust-fleet.ts YARD HOSTS CERTIFIED FILE` enrols so many hosts without asking them, gives the first few
 * certificates, publishes statements of their channel, and writes FILE for `trust-load.ts`.
 */
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HostRecord, openCatalog } from '../src/catalog/index.ts'
import {
  type Digest,
  machineDigest,
  type Name,
  type Timestamp,
  timestampOf,
  wholeRank,
} from '../src/model/index.ts'
import { openFsStore } from '../src/store/index.ts'
import {
  issuerForHosts,
  keepAuthority,
  keysAtHand,
  newHostId,
  openStatements,
  planHostCertificate,
  readAuthorities,
  signHostCertificate,
} from '../src/trust/index.ts'
import { statementSignerOf } from '../src/trust/pure.ts'

/** What the load is put on with. */
export interface Fleet {
  ca: string
  hosts: { id: string; key: string; certificate: string; machine: Digest }[]
}

const [directory, all, certified, file] = process.argv.slice(2) as [string, string, string, string]
const now = Date.now()
const channel = { train: 'web' as Name, channel: 'production' as Name }

await publishStatements()
const authorityDirectory = join(directory, 'keys', 'hosts')
await keepAuthority(authorityDirectory, now)
const authorities = await readAuthorities(authorityDirectory, now)
const fleet: Fleet = { ca: authorities.map(({ certificate }) => certificate).join(''), hosts: [] }
const catalog = await openCatalog({ kind: 'sqlite', file: join(directory, 'catalog.sqlite') })
for (let done = 0; done < Number(all); done += 5_000) {
  const records = Array.from({ length: Math.min(5_000, Number(all) - done) }, (_, i) => enrolled(done + i))
  await catalog.changeHosts(async hosts => {
    for (const record of records) await hosts.addHost(record)
  })
}
await catalog.close()
writeFileSync(file, JSON.stringify(fleet))

function enrolled(number: number): HostRecord {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { public: hex } = statementSignerOf(privateKey).key
  const id = newHostId()
  const machine = machineDigest(`machine ${number}`, hex)
  if (number < Number(certified))
    fleet.hosts.push({
      id,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      certificate: signHostCertificate(issuerForHosts(authorities), planHostCertificate(id, now), hex),
      machine,
    })
  return {
    id,
    public: hex,
    state: 'enrolled',
    ...channel,
    labels: { site: `site-${number % 20}`, service: `service-${number % 7}` },
    rankGroup: id,
    counter: Math.floor(now / 1000),
    machine,
    boots: [],
    token: 'fleet' as Name,
    enrolled: timestampOf(now),
  }
}

async function publishStatements(): Promise<void> {
  const { refs, locks, close } = openFsStore(directory)
  const keys = keysAtHand(join(directory, 'keys', 'statements'))
  const release = { release: '20261120T070000Z' as Timestamp, digest: 'c'.repeat(64) as Digest }
  const moved = timestampOf(now)
  const at = { version: 1, ...channel, release } as const
  await openStatements({ refs, locks, keys, now: Date.now }).publish({
    departures: [{ ...at, floor: timestampOf(0), fallbacks: [], lifted: 0, moved }],
    rollouts: [
      {
        ...at,
        attempt: moved,
        state: 'running',
        grants: [{ stratum: '', below: wholeRank }],
        onStale: 'freeze',
      },
    ],
  })
  close()
}
