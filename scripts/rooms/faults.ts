import { posix } from 'node:path'
import type { Source } from './source.ts'

export interface Room {
  name: string
  io: boolean
  concern: string
  /** It imports these rooms, and pure doors, only. Default: every room before it. */
  imports?: readonly string[]
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
 * - a room that names what it `imports` imports nothing else but pure doors;
 * - `pure.ts` is a second door: what it reaches has no I/O and imports only `pureGround` and other pure doors;
 * - a room without I/O imports no module of Node's that has some, and is handed clock, randomness and environment.
 *   Tests, conformance suites and fixtures are free of this last rule; they may go through their own room's door, and
 *   use another room's suites and fixtures.
 */
export function roomFaults(
  rooms: readonly Room[],
  sources: Sources,
  pureGround: readonly string[] = [],
): string[] {
  const faults: string[] = []
  const pure = behindPureDoors(sources)
  for (const [file, source] of sources) {
    const name = roomOf(file)
    if (name === undefined) continue
    const room = rooms.find(known => known.name === name)
    if (room === undefined) faults.push(`${file}:1: the room ${name} is not in src/rooms.ts`)
    else if (pure.has(file))
      faults.push(
        ...importFaults(rooms, { ...room, imports: pureGround }, file, source),
        ...worldFaults(`what stands behind src/${name}/pure.ts`, file, source),
      )
    else
      faults.push(
        ...importFaults(rooms, room, file, source),
        ...(room.io ? [] : worldFaults(room.name, file, source)),
      )
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

/** Every file of a room that its `pure.ts` reaches, `pure.ts` itself included. */
function behindPureDoors(sources: Sources): Set<string> {
  const reached = new Set([...sources.keys()].filter(file => /^src\/[^/]+\/pure\.ts$/.test(file)))
  for (const file of reached)
    for (const { specifier } of sources.get(file)?.imports ?? []) {
      const target = targetOf(file, specifier)
      if (target !== undefined && sources.has(target) && roomOf(target) === roomOf(file)) reached.add(target)
    }
  return reached
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
    const pureDoor = target === `src/${other}/pure.ts`
    if (other === room.name) return door && !isTest(file) ? say(`${room.name} imports its own index.ts`) : []
    if (place(other) > place(room.name))
      return say(`${room.name} imports ${other}, which stands after it in src/rooms.ts`)
    if (pureDoor || (isTest(file) && isTest(target))) return []
    if (!door) return say(`${room.name} imports ${target}; the only door is src/${other}/index.ts`)
    const mayImport = room.imports === undefined || room.imports.includes(other) || isTest(file)
    return mayImport
      ? []
      : say(`${room.name} may import ${room.imports!.join(', ')} and pure doors, not ${other}`)
  })
}

function worldFaults(who: string, file: string, source: Source): string[] {
  if (isTest(file)) return []
  const modules = source.imports
    .filter(({ specifier }) => worldly.test(specifier))
    .map(({ specifier, line }) => ({ what: specifier, line }))
  return [...modules, ...source.ambient].map(
    ({ what, line }) => `${file}:${line}: ${who} has no I/O of its own, but uses ${what}`,
  )
}
