import { coneOf } from './cone.ts'
import type { Meaning } from './meaning.ts'

/** What came out for one package. */
export type Outcome =
  /** These can be installed together, the package among them. */
  | { kind: 'installable'; members: number[] }
  | { kind: 'impossible'; clash: Clash }
  /** Given up after so many conflicts as were allowed. */
  | { kind: 'undecided' }

/** The first conflict that was met: the two packages, and how each came to be wanted. */
export interface Clash {
  /** The package in question. */
  target: number | undefined
  left: Step[]
  /** Empty: the item that `left` ends with has no candidate that can be installed at all. */
  right: Step[]
  /** What `left`'s last package asks for in vain. */
  missing?: number
}

/** A package, and the item of the step before for which it was chosen; undefined: it is the one in question, or essential. */
export interface Step {
  one: number
  item: number | undefined
}

const root = -2
const inactive = -1
const unreasoned = 0
const learnedBase = 1 << 29

/**
 * Whether a package (or, for undefined, the essential packages alone) can be installed: a complete search over everything
 * that it may lead to, with clauses learned from conflicts (CDCL). Only what is asked for is ever chosen, the first
 * alternative first. `isDead` packages are left out.
 * @param mostConflicts the bound of the search.
 */
export function solve(
  meaning: Meaning,
  target: number | undefined,
  isDead: (one: number) => boolean,
  mostConflicts: number,
): Outcome {
  const cone = coneOf(meaning, target, isDead)
  const { ones, variableOf, choices, choiceItems, asked, occurrences, roots } = cone
  const count = ones.length
  const value = new Int8Array(count)
  const level = new Int32Array(count)
  /** A choice's number + 1; -(variable + 1) of an enemy; learnedBase + number of a learned clause. */
  const reason = new Int32Array(count)
  /** For which choice a variable was decided to be true. */
  const decidedFor = new Int32Array(count).fill(-1)
  const trail: number[] = []
  const marks: number[] = []
  /** By whom a choice was first asked for. */
  const askedBy = new Int32Array(choices.length).fill(inactive)
  const open: number[] = []
  const scanned: number[] = []
  const learned: number[][] = []
  const watches: number[][] = Array.from({ length: 2 * count }, () => [])
  const opponents: (number[] | undefined)[] = new Array(count)
  let head = 0
  let scan = 0
  let clash: Clash | undefined
  let conflicts = 0

  for (const choice of roots) {
    askedBy[choice] = root
    open.push(choice)
  }
  let conflict: number[] | undefined
  for (const choice of roots) conflict ??= examine(choice)
  conflict ??= propagate()
  for (;;) {
    if (conflict !== undefined) {
      clash ??= clashOf(conflict)
      if (marks.length === 0) return { kind: 'impossible', clash }
      if (++conflicts > mostConflicts) return { kind: 'undecided' }
      learn(conflict)
      conflict = propagate()
      continue
    }
    const choice = nextOpen()
    if (choice === undefined)
      return { kind: 'installable', members: trail.filter(v => value[v] === 1).map(v => ones[v]!) }
    decide(choice)
    conflict = propagate()
  }

  function opponentsOf(v: number): number[] {
    const known = opponents[v]
    if (known !== undefined) return known
    const found: number[] = []
    for (const list of [meaning.namesakes(ones[v]!), meaning.enemies(ones[v]!)])
      for (const one of list) {
        const other = variableOf.get(one)
        if (other !== undefined && other !== v) found.push(other)
      }
    opponents[v] = found
    return found
  }

  function assign(v: number, truth: 1 | -1, why: number): void {
    value[v] = truth
    level[v] = marks.length
    reason[v] = why
    trail.push(v)
  }

  function nextOpen(): number | undefined {
    for (; scan < open.length; scan++) {
      const choice = open[scan]!
      if (!choices[choice]!.some(v => value[v] === 1)) return choice
    }
    return undefined
  }

  function decide(choice: number): void {
    scanned.push(scan)
    marks.push(trail.length)
    const v = choices[choice]!.find(v => value[v] === 0)!
    decidedFor[v] = choice
    assign(v, 1, unreasoned)
  }

  /** Variables of a clause that nothing satisfies any more; undefined: everything that follows was done. */
  function propagate(): number[] | undefined {
    while (head < trail.length) {
      const v = trail[head++]!
      const conflict = value[v] === 1 ? afterTrue(v) : afterFalse(v)
      if (conflict !== undefined) return conflict
    }
    return undefined
  }

  function afterTrue(v: number): number[] | undefined {
    for (const other of opponentsOf(v)) {
      if (value[other] === 1) return [v, other]
      if (value[other] === 0) assign(other, -1, -(v + 1))
    }
    for (const choice of asked[v]!) {
      if (askedBy[choice] !== inactive) continue
      askedBy[choice] = v
      open.push(choice)
      const conflict = examine(choice)
      if (conflict !== undefined) return conflict
    }
    return visitWatches(2 * v)
  }

  function afterFalse(v: number): number[] | undefined {
    for (const choice of occurrences[v]!) {
      if (askedBy[choice] === inactive) continue
      const conflict = examine(choice)
      if (conflict !== undefined) return conflict
    }
    return visitWatches(2 * v + 1)
  }

  /** One candidate must be true: forces the last one that can be. */
  function examine(choice: number): number[] | undefined {
    let last = -1
    for (const v of choices[choice]!) {
      if (value[v] === 1) return undefined
      if (value[v] === 0) {
        if (last >= 0) return undefined
        last = v
      }
    }
    if (last < 0) return clauseOf(choice)
    assign(last, 1, choice + 1)
    return undefined
  }

  function clauseOf(choice: number): number[] {
    const holder = askedBy[choice]!
    return holder === root ? [...choices[choice]!] : [holder, ...choices[choice]!]
  }

  /** Literals of learned clauses: 2v + 1 "v is there", 2v "v is not"; watched ones that just became false. */
  function visitWatches(falseLiteral: number): number[] | undefined {
    const list = watches[falseLiteral]!
    let kept = 0
    for (let i = 0; i < list.length; i++) {
      const number = list[i]!
      const clause = learned[number]!
      if (clause[0] === falseLiteral) {
        clause[0] = clause[1]!
        clause[1] = falseLiteral
      }
      const first = clause[0]!
      if (truthOf(first) !== 1) {
        const next = clause.findIndex((literal, at) => at > 1 && truthOf(literal) !== -1)
        if (next > 0) {
          clause[1] = clause[next]!
          clause[next] = falseLiteral
          watches[clause[1]!]!.push(number)
          continue
        }
        if (truthOf(first) === -1) {
          while (i < list.length) list[kept++] = list[i++]!
          list.length = kept
          return clause.map(literal => literal >> 1)
        }
        assign(first >> 1, (first & 1) === 1 ? 1 : -1, learnedBase + number)
      }
      list[kept++] = number
    }
    list.length = kept
    return undefined
  }

  function truthOf(literal: number): number {
    const truth = value[literal >> 1]!
    return (literal & 1) === 1 ? truth : -truth
  }

  /** Why a variable is as it is: the other variables of the clause that forced it. */
  function causesOf(v: number): number[] {
    const why = reason[v]!
    if (why === unreasoned) return []
    if (why < 0) return [-why - 1]
    const clause =
      why >= learnedBase ? learned[why - learnedBase]!.map(literal => literal >> 1) : clauseOf(why - 1)
    return clause.filter(other => other !== v)
  }

  /** First unique implication point: goes back to where the learned clause forces its first literal. */
  function learn(conflict: number[]): void {
    const seen = new Set<number>()
    const lower: number[] = []
    let pending = 0
    let at = trail.length
    let causes = conflict
    let pivot = -1
    do {
      for (const v of causes) {
        if (seen.has(v) || level[v] === 0) continue
        seen.add(v)
        if (level[v] === marks.length) pending++
        else lower.push(v)
      }
      do pivot = trail[--at]!
      while (!seen.has(pivot))
      pending--
      causes = causesOf(pivot)
    } while (pending > 0)
    lower.sort((a, b) => level[b]! - level[a]!)
    const literals = [pivot, ...lower].map(v => (value[v] === 1 ? 2 * v : 2 * v + 1))
    backTo(lower.length === 0 ? 0 : level[lower[0]!]!)
    const number = learned.push(literals) - 1
    if (literals.length > 1) for (const literal of literals.slice(0, 2)) watches[literal]!.push(number)
    assign(pivot, (literals[0]! & 1) === 1 ? 1 : -1, literals.length > 1 ? learnedBase + number : unreasoned)
  }

  function backTo(target: number): void {
    if (target === marks.length) return
    const mark = marks[target]!
    while (open.length > 0 && isAbove(askedBy[open.at(-1)!]!, target)) askedBy[open.pop()!] = inactive
    scan = scanned[target]!
    marks.length = target
    scanned.length = target
    while (trail.length > mark) {
      const v = trail.pop()!
      value[v] = 0
      decidedFor[v] = -1
    }
    head = trail.length
  }

  function isAbove(holder: number, target: number): boolean {
    return holder !== root && level[holder]! > target
  }

  /** Of the first conflict of all, before anything was learned: so every reason is a dependency or a conflict. */
  function clashOf(conflict: number[]): Clash {
    const [one, other] = conflict
    if (conflict.length === 2 && value[one!] === 1 && value[other!] === 1)
      return { target, left: stepsTo(one!), right: stepsTo(other!) }
    const choice = choices.findIndex(
      (list, i) =>
        askedBy[i] !== inactive &&
        list.every(v => value[v] === -1) &&
        clauseOf(i).every(v => conflict.includes(v)),
    )
    const item = choiceItems[choice]
    const holder = askedBy[choice]!
    const before = holder === root ? [] : stepsTo(holder)
    const [wanted] = choices[choice]!
    if (wanted === undefined)
      return { target, left: before, right: [], ...(item === undefined ? {} : { missing: item }) }
    const enemy = -reason[wanted]! - 1
    return { target, left: [...before, { one: ones[wanted]!, item }], right: stepsTo(enemy) }
  }

  /** From the package in question, or an essential one, to this one. */
  function stepsTo(v: number): Step[] {
    const steps: Step[] = []
    for (let at = v; at >= 0; ) {
      const choice = decidedFor[at]! >= 0 ? decidedFor[at]! : reason[at]! - 1
      steps.push({ one: ones[at]!, item: choiceItems[choice] })
      at = askedBy[choice]!
    }
    return steps.reverse()
  }
}
