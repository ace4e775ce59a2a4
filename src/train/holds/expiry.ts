import { type Hold, millisecondsOf, type Name } from '../../model/index.ts'

/** Whether a hold's time is over. `now` in milliseconds since the epoch. */
export function isExpired({ until }: Pick<Hold, 'until'>, now: number): boolean {
  return now >= millisecondsOf(until) + 1000
}

/** What is said of holds whose time is over, one sentence each. */
export function expiryNotes(train: Name, holds: readonly Hold[], now: number): string[] {
  return holds
    .filter(hold => isExpired(hold, now))
    .map(({ package: pattern, channel, who, why, until }) => {
      const place = channel === undefined ? train : `${train}/${channel}`
      return `the hold of ${pattern} in ${place} expired at ${until} and holds no more (${who}: ${why}); renew it with \`switchyard hold\`, or clear it with \`switchyard unhold ${place} ${pattern}\``
    })
}
