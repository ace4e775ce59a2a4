import type { JsonSchema } from '../src/config/index.ts'

/** A JSON Schema of nested objects as Markdown tables, one an object, in the order in which they are first named. */
export function describeKeys(schema: JsonSchema): string {
  const sections = sectionsOf('The file', schema)
  return [...new Set(sections)].join('\n\n')
}

/** The table of an object and of all that lies below; objects that are the same under one name are told once. */
function sectionsOf(title: string, schema: JsonSchema): string[] {
  const properties = propertiesOf(schema)
  const required = schema.required as string[]
  const rows = properties.map(
    ([name, key]) =>
      `| \`${name}\`${required.includes(name) ? ' (required)' : ''} | ${typeOf(key)} | ${cell(key.description)} |`,
  )
  const table = [`### ${title}`, '', '| key | value | meaning |', '|---|---|---|', ...rows].join('\n')
  return [table, ...properties.flatMap(([name, key]) => nested(name, key))]
}

function nested(name: string, key: JsonSchema): string[] {
  if (key.oneOf !== undefined)
    return (key.oneOf as JsonSchema[]).flatMap(kind =>
      sectionsOf(`\`${name}\` with ${constantOf(kind)}`, kind),
    )
  const long = (key.anyOf as JsonSchema[] | undefined)?.find(isTable)
  if (long !== undefined) return sectionsOf(`\`${name}\`, as a map`, long)
  for (const each of [key.items, key.additionalProperties] as (JsonSchema | undefined)[]) {
    const item = [each, ...((each?.anyOf ?? []) as JsonSchema[])].find(
      one => one !== undefined && isTable(one),
    )
    if (item !== undefined)
      return sectionsOf(`\`${name}\`, each${item === each ? '' : ' that is a map'}`, item)
  }
  return isTable(key) ? sectionsOf(`\`${name}\``, key) : []
}

function propertiesOf(schema: JsonSchema): [string, JsonSchema][] {
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
}

/** An object that deserves a table. References to secrets are told in the meaning of their key. */
function isTable(schema: JsonSchema): boolean {
  const keys = propertiesOf(schema).map(([name]) => name)
  return keys.length > 0 && keys.join() !== 'file,environment'
}

/** The key by which an object is told from the others, as it is written: `format: apt`. */
function constantOf(schema: JsonSchema): string {
  const [name, value] = propertiesOf(schema).find(([, key]) => key.const !== undefined)!
  return `\`${name}: ${value.const}\``
}

function typeOf(schema: JsonSchema): string {
  const choices = schema.const === undefined ? (schema.enum as string[] | undefined) : [schema.const]
  if (choices) return choices.map(choice => `\`${choice}\``).join(' or ')
  if (schema.oneOf !== undefined)
    return `map with ${(schema.oneOf as JsonSchema[]).map(constantOf).join(' or ')}`
  if (schema.anyOf !== undefined) return (schema.anyOf as JsonSchema[]).map(typeOf).join(', or ')
  if (schema.type === 'array') return `list: ${typeOf(schema.items as JsonSchema)}`
  if (schema.type === 'integer') return `${schema.minimum} to ${schema.maximum}`
  if (schema.type === 'boolean') return '`true` or `false`'
  return schema.type === 'object' ? 'map' : cell(schema.title)
}

function cell(text: unknown): string {
  return String(text).replaceAll('|', '\\|')
}
