/**
 * `npm run fuzz [SECONDS] [PARSER]`: feeds damaged inputs to every parser for so long (default 30 s, shared between them) and fails when
 * one throws anything but a YardError or takes more than 5 s. Prints the input as base64, and the seed of the run, which
 * FUZZ_SEED repeats.
 */
import { isYardError } from '../src/model/index.ts'
import { randomNumbers } from '../src/trust/random-numbers.fixture.ts'
import { type FuzzTarget, fuzzTargets } from './fuzz-targets.ts'

const slowMilliseconds = 5000
const seconds = Number(process.argv[2] ?? 30)
const wanted = fuzzTargets.filter(({ name }) => name.includes(process.argv[3] ?? ''))
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 32)
if (!(seconds > 0) || wanted.length === 0) {
  console.error('usage: npm run fuzz [SECONDS] [PARSER]')
  process.exit(2)
}

console.log(`fuzzing for ${seconds} s with FUZZ_SEED=${seed}`)
const random = randomNumbers(seed)
for (const target of wanted) await fuzz(target, (seconds * 1000) / wanted.length)

async function fuzz(target: FuzzTarget, milliseconds: number): Promise<void> {
  const seeds = target.seeds()
  for (const intact of seeds) await target.read(intact)
  const end = performance.now() + milliseconds
  let runs = 0
  let accepted = 0
  for (; performance.now() < end; runs++) {
    const input = mutated(seeds[below(seeds.length)]!)
    if (await isRead(target, input)) accepted++
  }
  console.log(`${target.name}: ${runs} inputs, ${accepted} of them read`)
}

/** True when the parser made something of the input, false for a YardError; anything else ends the run. */
async function isRead(target: FuzzTarget, input: Buffer): Promise<boolean> {
  const begun = performance.now()
  try {
    await target.read(input)
    return true
  } catch (error) {
    if (!isYardError(error)) fail(target, input, error)
    return false
  } finally {
    if (performance.now() - begun > slowMilliseconds) fail(target, input, 'it took more than 5 s')
  }
}

function fail(target: FuzzTarget, input: Buffer, reason: unknown): never {
  console.error(`${target.name} failed on this input (base64):\n${input.toString('base64')}`)
  console.error(reason)
  process.exit(1)
}

/** One to six small damages. */
function mutated(bytes: Buffer): Buffer {
  let result: Buffer = Buffer.from(bytes)
  for (let count = 1 + below(6); count > 0; count--) result = damaged(result)
  return result
}

function damaged(bytes: Buffer): Buffer {
  const at = below(bytes.length + 1)
  const length = 1 + below(below(10) === 0 ? 600 : 4)
  const rest = bytes.subarray(at)
  switch (below(6)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
    case 2:
      return Buffer.concat([bytes.subarray(0, at), rest.subarray(0, length), rest])
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(length, below(256)), rest])
    default:
      for (let i = at; i < Math.min(at + length, bytes.length); i++) bytes[i] = interestingByte(bytes[i]!)
      return bytes
  }
}

function interestingByte(byte: number): number {
  const choices = [byte ^ (1 << below(8)), 0, 0xff, 0x7f, 0x20, 0x0a, 0x30 + below(10), below(256)]
  return choices[below(choices.length)]!
}

function below(limit: number): number {
  return Math.floor(random() * limit)
}
