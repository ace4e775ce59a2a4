import { choice } from '../../config/index.ts'
import type { Name } from '../../model/index.ts'
import type { Gate, Judgement } from './gate.ts'

/** What every file of a release must be: here, or at least to be had; `train`: what the train says under `complete`. */
export type Completely = 'local' | 'fetchable' | 'train'

/** How many files a snapshot names, and how many of them are not what they must be. */
export interface Counted {
  repository: Name
  snapshot: string
  total: number
  missing: number
}

export const complete: Gate<Completely> = {
  name: 'complete',
  help: 'Every file of the release is here (`local`), or none is lost (`fetchable`). Always asked; alone it asks for what the train says.',
  options: choice('local', 'fetchable'),
  bare: 'train',
  async judge({ context, train, snapshots }, options) {
    const asked = options === 'train' ? train.complete : options
    const catalog = await context.catalog()
    const counted: Counted[] = []
    for (const [name, { repository, timestamp }] of snapshots) {
      const { totalEntries, localEntries, lostEntries } = await catalog.completeness(repository, timestamp)
      const missing = asked === 'local' ? totalEntries - localEntries : lostEntries
      counted.push({
        repository: name,
        snapshot: `${repository}@${timestamp}`,
        total: totalEntries,
        missing,
      })
    }
    return judgeComplete(asked, counted)
  },
  countsForSeconds: () => 0,
}

/** Passes when nothing is missing. */
export function judgeComplete(asked: 'local' | 'fetchable', counted: readonly Counted[]): Judgement {
  const total = counted.reduce((sum, one) => sum + one.total, 0)
  const short = counted.filter(({ missing }) => missing > 0)
  const missing = short.reduce((sum, one) => sum + one.missing, 0)
  const what = asked === 'local' ? 'not here' : 'lost upstream'
  const inputs = { total, missing }
  if (missing === 0) {
    const summary =
      asked === 'local' ? `all ${total} files are here` : `none of ${total} files is lost upstream`
    return { passed: true, summary, findings: [], inputs }
  }
  return {
    passed: false,
    summary: `${missing} of ${total} files are ${what}`,
    findings: short.map(one => `${one.snapshot}: ${one.missing} of ${one.total} files are ${what}`),
    remedy:
      asked === 'local'
        ? short.map(({ snapshot }) => `switchyard fetch ${snapshot}`).join('; ')
        : 'name another upstream under `fallback`, then `switchyard fetch`; or cut a release of newer snapshots',
    inputs,
  }
}
