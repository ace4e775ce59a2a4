import { describe, expect, it } from 'vitest'
import { openApiDocument } from './openapi.ts'
import { parseInput } from './parse-input.ts'
import { type Operation, routeOf, routes } from './routes/index.ts'

interface Described {
  operationId: string
  parameters: { name: string; in: string; required: boolean }[]
  security?: unknown
  requestBody?: unknown
}

describe('openApiDocument', () => {
  const document = openApiDocument() as {
    openapi: string
    paths: Record<string, Record<string, Described>>
    components: { schemas: Record<string, unknown> }
  }
  const described = Object.values(document.paths).flatMap(operations => Object.entries(operations))

  it('describes every route', () => {
    expect(described.map(([, { operationId }]) => operationId).sort()).toEqual(Object.keys(routes).sort())
  })

  it('asks for a token wherever something may change', () => {
    for (const [method, { operationId, security }] of described) {
      const { right } = routeOf(operationId as Operation)
      expect(security !== undefined, operationId).toBe(right !== undefined)
      if (method !== 'get') expect(right, operationId).toBeDefined()
    }
  })

  it('declares exactly the parameters that its paths name', () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
      for (const { parameters } of Object.values(operations)) {
        const declared = parameters.filter(parameter => parameter.in === 'path')
        expect(declared.map(parameter => parameter.name)).toEqual(named)
        expect(declared.every(parameter => parameter.required)).toBe(true)
      }
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

  it('says of bytes that they are text, and of a snapshot what it has', () => {
    expect(document.components.schemas.BytesAsText).toMatchObject({ type: 'string' })
    expect(JSON.stringify(document.components.schemas.Snapshot)).toContain('packageCount')
  })
})

describe('parseInput', () => {
  it('fills in what was left out', () => {
    expect(
      parseInput('diff', { parameters: {}, query: { from: 'a', to: 'b', files: 'true' } }).query,
    ).toEqual({ from: 'a', to: 'b', files: true, changelogs: false })
    expect(parseInput('search', { parameters: {}, query: { package: 'nginx' } }).query.limit).toBe(1000)
    expect(parseInput('sync', { parameters: {}, query: {} }).body).toEqual({
      repositories: [],
      allowIdentityChange: false,
    })
  })

  it('names what is missing, unknown, doubled or out of bounds', () => {
    const fault = (query: unknown) => () => parseInput('search', { parameters: {}, query })
    expect(fault({})).toThrow(/package/)
    expect(fault({ package: 'x', pakage: 'y' })).toThrow(/pakage/)
    expect(fault({ package: ['x', 'y'] })).toThrow(/package/)
    expect(fault({ package: 'x', limit: '0' })).toThrow(/limit/)
    expect(fault({ package: 'x', repository: 'No' })).toThrow(/repository/)
    expect(fault({})).toThrow(expect.objectContaining({ code: 'usage' }))
    const upload = (body: unknown) => () =>
      parseInput('upload', { parameters: { repository: 'ours' }, query: {}, body })
    expect(upload({ files: [] })).toThrow(/files/)
    expect(upload({ files: [{ file: 'a', sha256: 'f00' }] })).toThrow(/sha256/)
    expect(upload('[]')).toThrow(expect.objectContaining({ code: 'usage' }))
    expect(upload(null)).toThrow(/files/)
  })
})
