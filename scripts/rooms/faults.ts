import { posix } from 'node:path'
import type { Source } from './source.ts'

export interface Room {
  name: string
  io: boolean
  concern: string
}

/** Path from the checkout's root (`src/tree/page.ts`) -> what the file asks for. */
export type Sources = ReadonlyMap<string, Source>

/** The modules through which a room could touch the world. */
const worldly =
  /^node:(?:fs|net|http|https|http2|tls|dns|dgram|child_process|worker_threads|cluster|sqlite|os)(?:\/|$)/

/**
 * Every breach of the house's order, as `file:line: sentence`, sorted:
 * - a room imports only rooms that stand before it, and only through their `index.ts`;
 * - a room never goes through its own `index.ts`, nor out of `src/`;
 * - a room without I/O imports no module of Node's that has some, and is handed clock, randomness and environment.
 *   Tests, conformance suites and fixtures are free of this last rule; they may go through their own room's door, and
 *   use another room's suites and fixtures.
 */
export function roomFaults(rooms: readonly Room[], sources: Sources): string[] {
  const faults: string[] = []
  for (const [file, source] of sources) {
    const name = roomOf(file)
    if (name === undefined) continue
    const room = rooms.find(known => known.name === name)
    if (room === undefined) faults.push(`${file}:1: the room ${name} is not in src/rooms.ts`)
    else faults.push(...importFaults(rooms, room, file, source), ...worldFaults(room, file, source))
  }
  return faults.sort()
}

/** `src/tree/page.ts` -> `tree`; undefined for files that stand in no room. */
export function roomOf(file: string): string | undefined {
  return /^src\/([^/]+)\//.exec(file)?.[1]
}

/** What a relative import names, from the checkout's root; undefined for packages and Node's own modules. */
export function targetOf(file: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined
}

export function isTest(file: string): boolean {
  return /\.(?:test|suite|fixture)\.ts$/.test(file)
}

function importFaults(rooms: readonly Room[], room: Room, file: string, source: Source): string[] {
  const place = (name: string): number => rooms.findIndex(known => known.name === name)
  return source.imports.flatMap(({ specifier, line }) => {
    const target = targetOf(file, specifier)
    if (target === undefined) return []
    const other = roomOf(target)
    const say = (sentence: string): string[] => [`${file}:${line}: ${sentence}`]
    if (other === undefined) return say(`${room.name} imports ${target}, which stands in no room`)
    const door = target === `src/${other}/index.ts`
    if (other === room.name) return door && !isTest(file) ? say(`${room.name} imports its own index.ts`) : []
    if (place(other) > place(room.name))
      return say(`${room.name} imports ${other}, which stands after it in src/rooms.ts`)
    if (door || (isTest(file) && isTest(target))) return []
    return say(`${room.name} imports ${target}; the only door is src/${other}/index.ts`)
  })
}

function worldFaults(room: Room, file: string, source: Source): string[] {
  if (room.io || isTest(file)) return []
  const modules = source.imports
    .filter(({ specifier }) => worldly.test(specifier))
    .map(({ specifier, line }) => ({ what: specifier, line }))
  return [...modules, ...source.ambient].map(
    ({ what, line }) => `${file}:${line}: ${room.name} has no I/O of its own, but uses ${what}`,
  )
}
