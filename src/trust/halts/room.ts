import { type Halt, isYardError, YardError } from '../../model/index.ts'
import type { Envelope } from '../statements/envelope.ts'
import { type HaltTrust, isWithinBounds, type OpenedHalt, openHalt } from '../statements/halts.ts'

/**
 * The halts that one file can hold, newest first: all of them where they have room. Else those go whose every channel a newer one holds
 * too, which takes nothing from anybody: hosts go by the newest. None that holds somebody ever goes for another.
 * @throws YardError `refused` when there is no room all the same.
 */
export function withRoom(envelopes: readonly Envelope[], trust: HaltTrust): Envelope[] {
  if (isWithinBounds(envelopes)) return [...envelopes]
  const binding = envelopes.flatMap(envelope => opened(envelope, trust) ?? [])
  const needed = binding.filter(({ halt }) => !binding.some(other => holdsAll(other.halt, halt)))
  const left = needed.map(({ envelope }) => envelope)
  if (isWithinBounds(left)) return left
  throw new YardError(
    'refused',
    `there are ${left.length} halts that hold channels, and hosts read no more of them; nothing was stopped`,
    { hint: 'stop every channel at once, by naming none: one halt then stands for all; or lift some first' },
  )
}

function opened(envelope: Envelope, trust: HaltTrust): OpenedHalt | undefined {
  try {
    return { halt: openHalt(envelope, { ...trust, object: 'a halt' }), envelope }
  } catch (error) {
    if (isYardError(error)) return undefined
    throw error
  }
}

/** Whether a newer halt holds whatever an older one holds. */
function holdsAll(newer: Halt, older: Halt): boolean {
  const isNamed = (name: string) => newer.scope.some(one => one === name || name.startsWith(`${one}/`))
  const isWithin = newer.scope.length === 0 || (older.scope.length > 0 && older.scope.every(isNamed))
  return newer.number > older.number && isWithin
}
