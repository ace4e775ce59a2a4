/**
 * What a step of a rollout costs: `trust-rollout.ts DIRECTORY CHANNELS` makes the statements of a train with so many channels in a new
 * store there, asks 5 times to get warm and 50 times to measure, and prints milliseconds as JSON. A step is the rollout's statement, its metadata,
 * snapshot and timestamp, signed and on the disk.
 */
import { join } from 'node:path'
import { type Digest, type Name, type RolloutStatement, timestampOf, wholeRank } from '../src/model/index.ts'
import { openFsStore } from '../src/store/index.ts'
import { keysAtHand, openStatements } from '../src/trust/index.ts'

const [directory, channels] = process.argv.slice(2) as [string, string]
const store = openFsStore(directory)
const statements = openStatements({
  refs: store.refs,
  locks: store.locks,
  keys: keysAtHand(join(directory, 'keys', 'statements')),
  now: Date.now,
})
const train = 'web' as Name
const named = { release: timestampOf(Date.now()), digest: 'a'.repeat(64) as Digest }
const names = Array.from({ length: Number(channels) }, (_, number) => `channel-${number}` as Name)

await statements.publish({
  releases: [{ version: 1, train, release: named.release, repositories: {} }],
  departures: names.map(channel => ({
    version: 1,
    train,
    channel,
    release: named,
    floor: named.release,
    fallbacks: [],
    lifted: 0,
    moved: named.release,
  })),
  rollouts: names.map(channel => rollout(channel, 0)),
})
const milliseconds: number[] = []
for (let step = 1; step <= 55; step++) {
  const begun = performance.now()
  await statements.publish({ rollouts: [rollout(names[0]!, step)] })
  if (step > 5) milliseconds.push(performance.now() - begun)
}
store.close()
console.log(JSON.stringify(milliseconds))

function rollout(channel: Name, step: number): RolloutStatement {
  const grants = [{ stratum: '', below: (step * wholeRank) / 100 }]
  return {
    version: 1,
    train,
    channel,
    release: named,
    attempt: 'first',
    state: 'running',
    grants,
    onStale: 'freeze',
  }
}
