/**
 * What a verb costs in a process that is running already: `resident.ts YARD VERB ARGUMENT...` opens the yard through its
 * own door, asks 5 times to get warm and 50 times to measure, and prints milliseconds as JSON. `sync REPO` finds nothing new;
 * `diff FROM TO`; `promote CHANNEL RELEASE` and `rollback CHANNEL RELEASE` move between RELEASE and the one before it;
 * `sign N` makes N signatures at once, as sealing N/2 suites does.
 */
import { readFileSync } from 'node:fs'
import { parseChannelReference, parseName } from '../src/model/index.ts'
import { signDetached } from '../src/trust/index.ts'
import { openYard } from '../src/yard/index.ts'

/** One call; `before` is not measured. */
interface Call {
  before?(): Promise<unknown>
  work(): Promise<unknown>
}

const [directory, verb, ...args] = process.argv.slice(2) as [string, string, ...string[]]
const open = await openYard(directory, { environment: process.env })
const verbs: Record<string, () => Promise<Call> | Call> = {
  sync: () => ({
    async work() {
      const [report] = await open.yard.sync(args.map(parseName))
      if (report?.outcome !== 'unchanged')
        throw new Error(`the sync was to find nothing new: ${report?.outcome}`)
    },
  }),
  diff: () => ({
    async work() {
      const { packages } = await open.yard.diff(args[0]!, args[1]!)
      if (packages.length === 0) throw new Error('the snapshots were to differ')
    },
  }),
  async promote() {
    await promote()
    return { before: rollback, work: promote }
  },
  rollback: () => ({ before: promote, work: rollback }),
  async sign() {
    const keys = await (await open.keys()).signers()
    const text = readFileSync(import.meta.filename)
    return {
      work: () =>
        Promise.all(Array.from({ length: Number(args[0]) }, () => signDetached(text, keys, Date.now()))),
    }
  },
}

async function promote(): Promise<void> {
  await open.yard.promote(parseChannelReference(args[0]!), { release: args[1]! })
}

async function rollback(): Promise<void> {
  await open.yard.rollback(parseChannelReference(args[0]!))
}

const call = await verbs[verb]!()
const milliseconds: number[] = []
for (let i = 0; i < 55; i++) {
  await call.before?.()
  const begun = performance.now()
  await call.work()
  if (i >= 5) milliseconds.push(performance.now() - begun)
}
await open.close()
process.stdout.write(`${JSON.stringify(milliseconds)}\n`)
