import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { openFsStore } from '../../store/index.ts'
import { keysAtHand } from '../statement-keys/keys-at-hand.ts'
import { targetOf } from '../statements/layout.ts'
import { type Follower, follow } from './follower.fixture.ts'
import { openStatements } from './open-statements.ts'
import { departures, dev, named, person, production, textOf, trialYard, web } from './statements.fixture.ts'

const program = new URL('mover.fixture.ts', import.meta.url).pathname

describe('statements that several processes sign at once', () => {
  it('are whole whenever the processes are killed, and never behind what one of them said', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'switchyard-movers-'))
    const store = openFsStore(directory)
    const keys = keysAtHand(join(directory, 'keys', 'statements'))
    const statements = openStatements({ ...store, keys, now: Date.now })
    const first = (await statements.root()).text
    const follower = follow(store.refs, first)
    try {
      for (let round = 1; round <= 3; round++) {
        const said = await Promise.all([dev, production].map(channel => killedAfter(directory, channel, 5)))
        expect((await statements.check()).faults).toEqual([])
        const late = follow(store.refs, first)
        for (const one of [follower, late]) expect(await movedAtLeast(one, said)).toEqual([true, true])
        late.close()
      }
    } finally {
      follower.close()
      store.close()
      rmSync(directory, { recursive: true })
    }
  })

  it('all come through, each in a version of its own', async () => {
    const solo = person('solo')
    const yard = trialYard(solo)
    const first = (await yard.statements.root()).text
    const other = trialYard(solo, Date.now, yard)
    other.atHand = [solo]
    const numbers = [1, 2, 3, 4, 5]
    const outcomes = await Promise.all(
      numbers.flatMap(number => [
        yard.statements.publish({ departures: [departures(dev, number)] }),
        other.statements.publish({ departures: [departures(production, number)] }),
      ]),
    )
    expect(new Set(outcomes.map(({ published }) => published!.timestamp)).size).toBe(10)
    const follower = follow(yard.refs, first)
    const paths = [dev, production].map(channel => targetOf.departures(web, channel))
    const last = [dev, production].map(async channel =>
      textOf((await yard.statements.departures(web, channel))!),
    )
    expect(await follower.readAll(paths)).toEqual(await Promise.all(last))
    follower.close()
  })
})

/** The last release that the process said before it was killed, a moment after it had said so many. */
async function killedAfter(directory: string, channel: string, lines: number): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [program, directory, channel], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let said = 0
  for await (const line of createInterface({ input: child.stdout! })) {
    said = Number(line)
    if (said === lines) child.kill('SIGKILL')
  }
  await ended
  expect(said).toBeGreaterThanOrEqual(lines)
  return said
}

async function movedAtLeast(follower: Follower, said: readonly number[]): Promise<boolean[]> {
  const texts = await follower.readAll([dev, production].map(channel => targetOf.departures(web, channel)))
  // A move that was killed before it could say so may have come through.
  return texts.map((text, index) => {
    const seen = JSON.parse(text!).release.release
    return [said[index]!, said[index]! + 1].some(number => named(number).release === seen)
  })
}
