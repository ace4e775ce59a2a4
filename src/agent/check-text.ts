import type { CheckResult } from './check.ts'
import { isAlarming } from './judgement.ts'
import type { PlaceFinding } from './memory.ts'

/** What a check prints: how things are, and on the other side what was not as it should be. */
export function checkText({ judgement, memory }: CheckResult): { out: string; err: string } {
  const { follows, check, renewal } = memory
  const name = follows === undefined ? 'this host' : `${follows.train}/${follows.channel}`
  const bad = (check?.places ?? []).filter(place => place.finding !== 'current' && place.finding !== 'behind')
  const lines = [
    ...bad.map(({ url, finding, sentence }) => `${url}: ${sentence ?? finding}`),
    ...(check?.server === undefined ? [] : [check.server.sentence]),
    ...(renewal === undefined ? [] : [`the certificate was not renewed: ${renewal}`]),
  ]
  return {
    out: `${name}: ${judgement.word}: ${judgement.sentence}\n`,
    err: lines.map(line => `switchyard-agent: ${line}\n`).join(''),
  }
}

/**
 * 0: it is as it should be, also where the host is held or halted. 3: the host refuses to act, or was shown what it does not believe and nothing
 * better. 1: nobody could be asked. 4: some place or the server failed, but another was good.
 */
export function exitStatusOf({ judgement, memory }: CheckResult): number {
  const places = memory.check?.places ?? []
  if (!wellWords.includes(judgement.word) && judgement.word !== 'unavailable') return 3
  if (!places.some(({ finding }) => finding === 'current')) return places.some(isAlarming) ? 3 : 1
  return places.every(isGood) && memory.check?.server === undefined && memory.renewal === undefined ? 0 : 4
}

function isGood({ finding }: PlaceFinding): boolean {
  return finding === 'current' || finding === 'behind'
}

/** Nothing is wrong with a host for which these hold: it may go, has nowhere to go, or somebody wants it to stand still. */
const wellWords = [
  'granted',
  'borrowed',
  'current',
  'waiting',
  'paused',
  'halted',
  'held',
  'reverted',
  'no-card',
]
