/**
 * Writes what the documentation takes from the code: the drawing of the rooms, the reference of the configuration, and
 * its JSON Schema for editors. With `--check` it writes nothing and fails when something is not up to date.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { jsonSchema, lockJsonSchema } from '../src/config/index.ts'
import { rooms } from '../src/rooms.ts'
import { gates } from '../src/train/index.ts'
import { describeKeys } from './describe-keys.ts'
import { drawRooms } from './rooms/drawing.ts'
import { loadSources } from './rooms/load-sources.ts'

const files: Record<string, (old: string) => Promise<string> | string> = {
  'ARCHITECTURE.md': async old => replaceBlock(old, 'rooms', drawRooms(rooms, await loadSources())),
  'docs/configuration.md': old => replaceBlock(old, 'keys', describeKeys(jsonSchema(gates))),
  'docs/switchyard.schema.json': () => `${JSON.stringify(jsonSchema(gates), null, 2)}\n`,
  'docs/switchyard.lock.schema.json': () => `${JSON.stringify(lockJsonSchema(), null, 2)}\n`,
}

/** The text between `<!-- begin NAME -->` and `<!-- end NAME -->` is ours; the rest is written by people. */
function replaceBlock(text: string, name: string, block: string): string {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`]
  if (!text.includes(begin) || !text.includes(end)) throw new Error(`no ${begin} ... ${end}`)
  return `${text.slice(0, text.indexOf(begin))}${begin}\n\n${block}\n\n${text.slice(text.indexOf(end))}`
}

for (const [file, generate] of Object.entries(files)) {
  const old = await readFile(file, 'utf8').catch(() => '')
  const text = await generate(old)
  if (text === old) continue
  if (process.argv.includes('--check')) {
    console.error(`${file} is not up to date: run npm run generate`)
    process.exitCode = 1
  } else await writeFile(file, text)
}
