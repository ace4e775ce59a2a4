/**
 * `node scripts/fuzz-signatures.ts [SECONDS]`: signed documents of real keys, damaged in every way that we could think of, are put before our
 * verifier and before the real gpgv and apt (default 60 s). Fails at the first one that we accept and they do not, and prints it
 * as base64, with the keyring. FUZZ_SEED repeats the damages, though not the keys.
 */
import { readFileSync } from 'node:fs'
import { compareVerdicts } from '../src/trust/compare-verdicts.fixture.ts'
import { randomNumbers } from '../src/trust/random-numbers.fixture.ts'
import { type Mutant, mutantOf } from '../src/trust/signature-mutants.fixture.ts'
import { createCorpus } from '../src/trust/signed-corpus.fixture.ts'

const seconds = Number(process.argv[2] ?? 60)
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 32)
if (!(seconds > 0)) {
  console.error('usage: node scripts/fuzz-signatures.ts [SECONDS]')
  process.exit(2)
}

console.log(`comparing with gpgv and apt for ${seconds} s with FUZZ_SEED=${seed}`)
const corpus = createCorpus()
try {
  await run(randomNumbers(seed), performance.now() + seconds * 1000)
} finally {
  corpus.gnupg.remove()
}

async function run(random: () => number, end: number): Promise<void> {
  const stricter = new Map<string, number>()
  let [runs, accepted] = [0, 0]
  for (; performance.now() < end; runs++) {
    const mutant = mutantOf(corpus, random)
    const verdicts = await compareVerdicts(corpus, mutant)
    if (verdicts.fault !== undefined) return fail(verdicts.fault, mutant)
    if (verdicts.accepted) accepted++
    if (verdicts.stricter !== undefined)
      stricter.set(verdicts.stricter, (stricter.get(verdicts.stricter) ?? 0) + 1)
  }
  console.log(`${runs} documents, ${accepted} of them accepted by all; refused by us alone:`)
  for (const [reason, count] of [...stricter].sort(([, a], [, b]) => b - a))
    console.log(`${count}\t${reason}`)
}

function fail(fault: string, { document, data, keyring }: Mutant): void {
  console.error(`${fault}; document (base64):\n${document.toString('base64')}`)
  if (data !== undefined) console.error(`data (base64):\n${data.toString('base64')}`)
  console.error(`keyring (base64):\n${(keyring ?? readFileSync(corpus.keyringFile)).toString('base64')}`)
  process.exitCode = 1
}
