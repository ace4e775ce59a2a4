import type { JsonSchema } from '../src/config/index.ts'

/** A JSON Schema of nested objects as Markdown tables, one an object, in the order in which they are first named. */
export function describeKeys(schema: JsonSchema): string {
  return sectionsOf('The file', schema).join('\n\n')
}

function sectionsOf(title: string, schema: JsonSchema): string[] {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
  const required = schema.required as string[]
  const rows = properties.map(
    ([name, key]) =>
      `| \`${name}\`${required.includes(name) ? ' (required)' : ''} | ${typeOf(key)} | ${cell(key.description)} |`,
  )
  const table = [`### ${title}`, '', '| key | value | meaning |', '|---|---|---|', ...rows].join('\n')
  return [table, ...properties.flatMap(([name, key]) => nested(name, key))]
}

/** Small objects, such as references to secrets, are told in the meaning of their key. */
function nested(name: string, key: JsonSchema): string[] {
  const kinds = key.discriminator as { propertyName: string } | undefined
  if (kinds !== undefined)
    return (key.oneOf as JsonSchema[]).flatMap(kind => {
      const properties = kind.properties as Record<string, JsonSchema>
      const [choice] = properties[kinds.propertyName]!.enum as string[]
      return sectionsOf(`\`${name}\` with \`${kinds.propertyName}: ${choice}\``, kind)
    })
  const long = (key.anyOf as JsonSchema[] | undefined)?.find(each => each.properties !== undefined)
  if (long !== undefined && !isSecret(long)) return sectionsOf(`\`${name}\``, long)
  const values = key.additionalProperties as JsonSchema | false | undefined
  if (values && 'properties' in values) return sectionsOf(`\`${name}\`, each`, values)
  return key.properties && !isSecret(key) ? sectionsOf(`\`${name}\``, key) : []
}

function isSecret(key: JsonSchema): boolean {
  return JSON.stringify(Object.keys((key.properties ?? {}) as object)) === '["file","environment"]'
}

function typeOf(schema: JsonSchema): string {
  const choices = schema.enum as string[] | undefined
  if (choices) return choices.map(choice => `\`${choice}\``).join(' or ')
  if (schema.discriminator !== undefined) return 'map'
  if (schema.anyOf !== undefined && schema.title === undefined)
    return (schema.anyOf as JsonSchema[]).map(typeOf).join(' or ')
  if (schema.type === 'array') return `list: ${typeOf(schema.items as JsonSchema)}`
  if (schema.type === 'integer') return `${schema.minimum} to ${schema.maximum}`
  if (schema.type === 'boolean') return '`true` or `false`'
  return schema.type === 'object' ? 'map' : cell(schema.title ?? 'text')
}

function cell(text: unknown): string {
  return String(text).replaceAll('|', '\\|')
}
