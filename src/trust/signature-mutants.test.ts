import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareVerdicts } from './compare-verdicts.fixture.ts'
import { randomNumbers } from './random-numbers.fixture.ts'
import { mutantOf } from './signature-mutants.fixture.ts'
import { type Corpus, createCorpus } from './signed-corpus.fixture.ts'

let corpus: Corpus

beforeAll(() => {
  corpus = createCorpus()
})

afterAll(() => corpus.gnupg.remove())

/** `node scripts/fuzz-signatures.ts` does the same for as long as you like. */
it('no damaged document is accepted that gpgv and apt would not accept, and its text is theirs', async () => {
  const random = randomNumbers(20_261_121)
  let [accepted, stricter] = [0, 0]
  for (let count = 0; count < 100; count++) {
    const mutant = mutantOf(corpus, random)
    const verdicts = await compareVerdicts(corpus, mutant)
    expect(verdicts.fault, mutant.document.toString('latin1')).toBeUndefined()
    if (verdicts.accepted) accepted++
    if (verdicts.stricter !== undefined) stricter++
  }
  // Enough of them get through to mean something, and we refuse few of our own accord.
  expect(accepted).toBeGreaterThan(10)
  expect(stricter).toBeLessThan(20)
})
