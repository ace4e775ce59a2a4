import type { OverlaidPackage, OverlayReport, OverlayState, Shadow } from '../train/index.ts'
import { countText, numberText, printable, safeText, tableText } from './text.ts'

/** For a person: the counts, then packages by their state, the loudest first. */
export function overlayText({ release, count, shadows, alone, notes }: OverlayReport): string {
  const all = shadows.length + alone.length
  const counts = [
    ...states.map(({ state, short }) => [count[state], short] as const),
    [count.alone, 'shadow nothing'] as const,
  ]
    .filter(([some]) => some > 0)
    .map(([some, words]) => `${numberText(some)} ${words}`)
  return [
    `${release}: ${countText(all, 'package')} of ours${counts.length === 0 ? '' : `: ${counts.join(', ')}`}\n`,
    ...notes.map(note => `note: ${printable(note)}\n`),
    ...states.map(({ state, heading }) => {
      const some = shadows.filter(one => one.state === state)
      return some.length === 0 ? '' : `\n${heading}:\n${tableText(some.map(shadowRow))}`
    }),
    alone.length === 0 ? '' : `\nshadow nothing of upstream's:\n${tableText(alone.map(aloneRow))}`,
  ].join('')
}

/** Nothing of ours could go: every package that shadows one of upstream's is newer. */
export function isThin({ count }: OverlayReport): boolean {
  return count.outdated + count.passed + count['caught-up'] === 0
}

const states: { state: OverlayState; short: string; heading: string }[] = [
  {
    state: 'outdated',
    short: "OLDER than upstream's and served all the same",
    heading: "UPSTREAM IS NEWER, yet `prefer` lets ours win: clients miss upstream's fixes",
  },
  {
    state: 'passed',
    short: 'passed by upstream',
    heading: 'upstream has passed ours, which does nothing any more',
  },
  {
    state: 'caught-up',
    short: 'caught up by upstream',
    heading: 'upstream has the very same version now',
  },
  { state: 'ahead', short: "newer than upstream's", heading: "newer than upstream's" },
]

function shadowRow({ name, architecture, ours, upstream, caughtUp, state, hasMoved }: Shadow): string[] {
  return [
    `  ${safeText(name)}`,
    safeText(architecture),
    `ours ${safeText(ours.version)} (${ours.repository})`,
    `upstream ${safeText(upstream.version)} (${upstream.repository})`,
    state === 'ahead' || caughtUp === undefined ? `since ${upstream.since}` : `caught up ${caughtUp}`,
    hasMoved === undefined ? '' : 'AFTER ours: has ours its fixes?',
  ]
}

function aloneRow({ name, architecture, ours }: OverlaidPackage): string[] {
  return [
    `  ${safeText(name)}`,
    safeText(architecture),
    `${safeText(ours.version)} (${ours.repository})`,
    `since ${ours.since}`,
  ]
}
