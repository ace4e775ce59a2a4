import { expect, it } from 'vitest'
import { jsonSchema } from './schema.ts'
import type { JsonSchema } from './shape.ts'

function at(schema: unknown, ...steps: (string | number)[]): JsonSchema {
  return steps.reduce((node, step) => (node as Record<string | number, unknown>)[step], schema) as JsonSchema
}

const repository = at(jsonSchema({}), 'properties', 'repositories', 'additionalProperties')

it('allows the keys that the reader knows, and no others', () => {
  expect(jsonSchema({})).toMatchObject({
    required: ['repositories'],
    additionalProperties: false,
    properties: { latest: { properties: { keep: { type: 'string', pattern: '^[0-9]{1,6}[smhd]$' } } } },
  })
  expect(Object.keys(at(repository, 'properties'))).toEqual([
    'upstream',
    'compose',
    'uploads',
    'policy',
    'seed',
    'fallback',
  ])
})

it('tells the kinds of an upstream by a constant, so that an editor offers the keys of the one that is meant', () => {
  expect(at(repository, 'properties', 'upstream', 'oneOf')).toMatchObject([
    { properties: { format: { const: 'apt' }, suite: {} }, required: ['format', 'architectures'] },
    { properties: { format: { const: 'dnf' }, verify: {} }, required: ['format'] },
  ])
})

it('allows uploads and selectors in their short and their long form', () => {
  expect(at(repository, 'properties', 'uploads', 'anyOf')).toMatchObject([
    { enum: ['deb', 'rpm'] },
    { properties: { format: { enum: ['deb', 'rpm'] }, keyring: {} } },
  ])
  expect(at(repository, 'properties', 'compose', 'properties', 'include', 'items', 'anyOf')).toMatchObject([
    { type: 'string' },
    { properties: { source: {}, module: {}, group: {}, advisory: { anyOf: [{}, {}] } } },
  ])
})

it('has no word beside those of JSON Schema 2020-12', () => {
  const known =
    /^(?:\$schema|title|description|type|properties|required|additionalProperties|propertyNames|maxProperties|items|minItems|uniqueItems|minimum|maximum|pattern|enum|const|anyOf|oneOf)$/
  const words = (schema: JsonSchema): string[] => [
    ...Object.keys(schema),
    ...Object.values(at(schema, 'properties') ?? {}).flatMap(each => words(each as JsonSchema)),
    ...['items', 'additionalProperties', 'propertyNames'].flatMap(key =>
      typeof schema[key] === 'object' ? words(at(schema, key)) : [],
    ),
    ...['anyOf', 'oneOf'].flatMap(key => ((schema[key] ?? []) as JsonSchema[]).flatMap(words)),
  ]
  for (const word of words(jsonSchema({}))) expect(word).toMatch(known)
})
