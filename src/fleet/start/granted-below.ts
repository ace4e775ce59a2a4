import type { Grant } from '../../model/index.ts'

/**
 * Up to which rank hosts with these labels may start, exclusive. A stratum is `LABEL=VALUE`, or several with commas between,
 * all of which a host of it has; of several strata that a host is in the least granted counts, and `''` counts for those that are
 * in none. What is not written so is nobody's.
 */
export function grantedBelow(grants: readonly Grant[], labels: { [label: string]: string }): number {
  const named = grants.filter(({ stratum }) => stratum !== '' && isIn(labels, stratum))
  const counting = named.length > 0 ? named : grants.filter(({ stratum }) => stratum === '')
  return counting.length === 0 ? 0 : Math.min(...counting.map(({ below }) => below))
}

function isIn(labels: { [label: string]: string }, stratum: string): boolean {
  return stratum.split(',').every(term => {
    const [label, value, ...more] = term.split('=')
    return (
      more.length === 0 && value !== undefined && Object.hasOwn(labels, label!) && labels[label!] === value
    )
  })
}
