/** Numbers in groups, flat: group `i` is `members` from `starts[i]` to below `starts[i + 1]`. */
export interface Groups {
  starts: Uint32Array
  members: Uint32Array
}

/**
 * Puts members into the groups 0 to below `count`, within each in the order in which `each` names them. `each` is called
 * twice and must name the same pairs.
 */
export function grouped(count: number, each: (add: (group: number, member: number) => void) => void): Groups {
  const starts = new Uint32Array(count + 1)
  each(group => {
    starts[group + 1]!++
  })
  for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!
  const members = new Uint32Array(starts[count]!)
  const next = starts.slice()
  each((group, member) => {
    members[next[group]!++] = member
  })
  return { starts, members }
}

/** A view of one group. */
export function groupOf({ starts, members }: Groups, i: number): Uint32Array {
  return members.subarray(starts[i]!, starts[i + 1]!)
}
