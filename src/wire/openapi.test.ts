import { describe, expect, it } from 'vitest'
import { openApiDocument } from './openapi.ts'
import { parseInput } from './parse-input.ts'
import { routes } from './routes.ts'

describe('openApiDocument', () => {
  const document = openApiDocument() as {
    openapi: string
    paths: Record<
      string,
      Record<string, { operationId: string; parameters: { name: string; in: string; required: boolean }[] }>
    >
    components: { schemas: Record<string, unknown> }
  }

  it('describes every route, and only ways to read', () => {
    const described = Object.values(document.paths).flatMap(Object.entries)
    expect(described.map(([, operation]) => operation.operationId)).toEqual(Object.keys(routes))
    expect(new Set(described.map(([method]) => method))).toEqual(new Set(['get']))
  })

  it('declares exactly the parameters that its paths name', () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
      const declared = operations.get!.parameters.filter(parameter => parameter.in === 'path')
      expect(declared.map(parameter => parameter.name)).toEqual(named)
      expect(declared.every(parameter => parameter.required)).toBe(true)
    }
  })

  it('refers to nothing that it does not hold', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(match => match[1]!)
    expect(references.length).toBeGreaterThan(10)
    for (const reference of references)
      expect(Object.keys(document.components.schemas), reference).toContain(
        reference.replace('#/components/schemas/', ''),
      )
  })
})

describe('parseInput', () => {
  it('fills in what was left out', () => {
    expect(parseInput('diff', {}, { from: 'a', to: 'b', files: 'true' }).query).toEqual({
      from: 'a',
      to: 'b',
      files: true,
      changelogs: false,
    })
    expect(parseInput('search', {}, { package: 'nginx' }).query.limit).toBe(1000)
  })

  it('names what is missing, unknown, doubled or out of bounds', () => {
    const fault = (query: unknown) => () => parseInput('search', {}, query)
    expect(fault({})).toThrow(/package/)
    expect(fault({ package: 'x', pakage: 'y' })).toThrow(/pakage/)
    expect(fault({ package: ['x', 'y'] })).toThrow(/package/)
    expect(fault({ package: 'x', limit: '0' })).toThrow(/limit/)
    expect(fault({ package: 'x', repository: 'No' })).toThrow(/repository/)
    expect(fault({})).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})
