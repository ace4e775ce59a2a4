import { YardError } from '../model/index.ts'

/** What the operator of a host may set in `agent.json`. All of it has defaults. */
export interface Settings {
  /** Where statements can be had, instead of the places that the yard named: URLs, or `file:` of a directory. */
  places: string[] | undefined
  limits: Limits
}

/** A place must keep to these, or the next one is asked. */
export interface Limits {
  /** A window of time, in seconds, and the fewest bytes that it must bring while something is on its way. */
  window: number
  bytes: number
  /** The longest that one place may take for everything, in seconds. */
  place: number
}

export const defaultLimits: Limits = { window: 20, bytes: 8_192, place: 180 }

/** More would only make a check longer: every one of them is asked. */
const mostPlaces = 8

/**
 * @param text of `agent.json`; undefined: there is none.
 * @throws YardError `configuration` saying what is wrong where.
 */
export function parseSettings(text: string | undefined, file: string): Settings {
  if (text === undefined) return { places: undefined, limits: defaultLimits }
  const wrong = (why: string) =>
    new YardError('configuration', `${file}: ${why}`, {
      hint: 'what it may hold: { "places": [URL...], "limits": { "window", "bytes", "place" } }',
    })
  const { places, limits, ...rest } = objectOf(text, wrong)
  const unknown = Object.keys(rest)[0]
  if (unknown !== undefined) throw wrong(`there is nothing called ${JSON.stringify(unknown)}`)
  return {
    places: places === undefined ? undefined : checkPlaces(places, wrong),
    limits: limits === undefined ? defaultLimits : checkLimits(limits, wrong),
  }
}

/**
 * @param wrong makes the error for a reason.
 * @returns the same list, each a URL that can be asked.
 */
export function checkPlaces(places: unknown, wrong: (why: string) => YardError): string[] {
  if (!Array.isArray(places) || places.length > mostPlaces)
    throw wrong(`places are a list of ${mostPlaces} URLs at most`)
  for (const place of places)
    if (typeof place !== 'string' || !isPlace(place))
      throw wrong(`not a place: ${JSON.stringify(place)}; places are http:, https: or file: URLs`)
  return places as string[]
}

function isPlace(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return ['http:', 'https:', 'file:'].includes(protocol) && username === '' && password === ''
}

function checkLimits(limits: unknown, wrong: (why: string) => YardError): Limits {
  if (typeof limits !== 'object' || limits === null || Array.isArray(limits))
    throw wrong('limits are an object')
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultLimits, name)) throw wrong(`there is no limit called ${JSON.stringify(name)}`)
    if (!Number.isFinite(value) || value <= 0) throw wrong(`limits.${name} is a number above 0`)
  }
  return { ...defaultLimits, ...limits }
}

function objectOf(text: string, wrong: (why: string) => YardError): { [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as { [key: string]: unknown }
  } catch {
    // Said below.
  }
  throw wrong('it is not a JSON object')
}
