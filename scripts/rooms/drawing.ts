import { isTest, type Room, roomOf, type Sources, targetOf } from './faults.ts'

/**
 * The rooms as Markdown: a table from the ground floor up, and a Mermaid graph of the imports that really are. In the
 * graph an arrow that follows from others is left out; the table has them all.
 */
export function drawRooms(rooms: readonly Room[], sources: Sources): string {
  const imports = importsOf(rooms, sources)
  const rows = rooms.map(
    ({ name, io, concern }) =>
      `| \`${name}/\`${io ? ' *' : ''} | ${concern} | ${[...imports.get(name)!].join(', ') || 'nothing'} |`,
  )
  const arrows = rooms.flatMap(({ name }) => directOnly(name, imports).map(other => `  ${name} --> ${other}`))
  return [
    '| room | what lives there | imports |',
    '|---|---|---|',
    ...rows,
    '',
    '```mermaid',
    'graph TD',
    ...arrows,
    '```',
  ].join('\n')
}

/** Room -> the rooms that it imports, in the order of the house. Tests do not count. */
function importsOf(rooms: readonly Room[], sources: Sources): Map<string, Set<string>> {
  const found = new Map(rooms.map(({ name }) => [name, new Set<string>()]))
  for (const [file, { imports }] of sources) {
    if (isTest(file)) continue
    for (const { specifier } of imports) {
      const other = roomOf(targetOf(file, specifier) ?? '')
      if (other !== undefined && other !== roomOf(file)) found.get(roomOf(file) ?? '')?.add(other)
    }
  }
  const inOrder = (names: Set<string>): string[] =>
    rooms.map(room => room.name).filter(name => names.has(name))
  return new Map([...found].map(([name, names]) => [name, new Set(inOrder(names))]))
}

function directOnly(name: string, imports: Map<string, Set<string>>): string[] {
  const direct = [...imports.get(name)!]
  return direct.filter(
    other => !direct.some(between => between !== other && reaches(between, other, imports)),
  )
}

function reaches(
  from: string,
  to: string,
  imports: Map<string, Set<string>>,
  seen = new Set<string>(),
): boolean {
  if (seen.has(from)) return false
  seen.add(from)
  return [...(imports.get(from) ?? [])].some(next => next === to || reaches(next, to, imports, seen))
}
