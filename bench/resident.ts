/**
 * What a verb costs in a process that is running already: `resident.ts YARD sync REPO` or `resident.ts YARD diff FROM TO`
 * opens the yard through its own door, asks 5 times to get warm and 50 times to measure, and prints milliseconds as JSON.
 */
import { parseName } from '../src/model/index.ts'
import { openYard } from '../src/yard/index.ts'

const [directory, verb, ...args] = process.argv.slice(2) as [string, string, ...string[]]
const open = await openYard(directory, { environment: process.env })
const work =
  verb === 'sync'
    ? async () => {
        const [report] = await open.yard.sync(args.map(parseName))
        if (report?.outcome !== 'unchanged')
          throw new Error(`the sync was to find nothing new: ${report?.outcome}`)
      }
    : async () => {
        const { packages } = await open.yard.diff(args[0]!, args[1]!)
        if (packages.length === 0) throw new Error('the snapshots were to differ')
      }

const milliseconds: number[] = []
for (let i = 0; i < 55; i++) {
  const begun = performance.now()
  await work()
  if (i >= 5) milliseconds.push(performance.now() - begun)
}
await open.close()
process.stdout.write(`${JSON.stringify(milliseconds)}\n`)
