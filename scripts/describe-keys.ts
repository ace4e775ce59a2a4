import type { JsonSchema } from '../src/config/index.ts'

/** The keys of one object. */
interface Section {
  titles: Set<string>
  table: string
}

type Property = [name: string, schema: JsonSchema]

/**
 * A JSON Schema of nested objects as Markdown tables, in the order in which they are first named. Objects with the same
 * keys share a table, and so do the keys that every kind of an object has.
 */
export function describeKeys(schema: JsonSchema): string {
  const sections: Section[] = []
  for (const { titles, table } of sectionsOf('The file', schema)) {
    const same = sections.find(section => section.table === table)
    if (same === undefined) sections.push({ titles, table })
    else for (const title of titles) same.titles.add(title)
  }
  return sections.map(({ titles, table }) => `### ${[...titles].join('; ')}\n\n${table}`).join('\n\n')
}

function sectionsOf(title: string, schema: JsonSchema): Section[] {
  return sectionsOfProperties(title, propertiesOf(schema), schema.required as string[])
}

function sectionsOfProperties(title: string, properties: Property[], required: string[]): Section[] {
  const rows = properties.map(
    ([name, key]) =>
      `| \`${name}\`${required.includes(name) ? ' (required)' : ''} | ${typeOf(key)} | ${cell(key.description)} |`,
  )
  const table = ['| key | value | meaning |', '|---|---|---|', ...rows].join('\n')
  return [{ titles: new Set([title]), table }, ...properties.flatMap(([name, key]) => nested(name, key))]
}

function nested(name: string, key: JsonSchema): Section[] {
  if (key.oneOf !== undefined) return kindsOf(name, key.oneOf as JsonSchema[])
  const long = alternativesOf(key).find(isTable)
  if (long !== undefined) return sectionsOf(`\`${name}\`${long === key ? '' : ', as a map'}`, long)
  for (const each of [key.items, key.additionalProperties]) {
    const items = typeof each === 'object' ? alternativesOf(each as JsonSchema).filter(isTable) : []
    // Maps of one key each are told as the keys that there are to choose from.
    if (items.length > 1)
      return sectionsOfProperties(`\`${name}\`, each one of`, items.flatMap(propertiesOf), [])
    if (items[0]) return sectionsOf(`\`${name}\`, each${items[0] === each ? '' : ' that is a map'}`, items[0])
  }
  return []
}

/** A table for each kind of an object, and one for what all of them have. */
function kindsOf(name: string, kinds: JsonSchema[]): Section[] {
  const [first, ...others] = kinds.map(propertiesOf)
  const written = (property: Property) => JSON.stringify(property)
  const shared = first!.filter(property =>
    others.every(other => other.map(written).includes(written(property))),
  )
  const own = kinds.flatMap(kind => {
    const properties = propertiesOf(kind).filter(([key]) => shared.every(([other]) => other !== key))
    return sectionsOfProperties(`\`${name}\` with ${constantOf(kind)}`, properties, kind.required as string[])
  })
  return [...own, ...sectionsOfProperties(`\`${name}\` of any kind`, shared, kinds[0]!.required as string[])]
}

function alternativesOf(schema: JsonSchema): JsonSchema[] {
  return (schema.anyOf as JsonSchema[] | undefined) ?? [schema]
}

function propertiesOf(schema: JsonSchema): Property[] {
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
  if (schema.anyOf !== undefined) return [...new Set(alternativesOf(schema).map(typeOf))].join(', or ')
  if (schema.type === 'array') return `list: ${typeOf(schema.items as JsonSchema)}`
  if (schema.type === 'integer') return `${schema.minimum} to ${schema.maximum}`
  if (schema.type === 'boolean') return '`true` or `false`'
  return schema.type === 'object' ? 'map' : cell(schema.title)
}

function cell(text: unknown): string {
  return String(text).replaceAll('|', '\\|')
}
