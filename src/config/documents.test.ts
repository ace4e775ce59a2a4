import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { read } from './written.fixture.ts'

/** The pieces of `switchyard.yaml` in a document, as one file. */
function exampleIn(document: string): string {
  const text = readFileSync(new URL(`../../docs/${document}`, import.meta.url), 'utf8')
  const pieces = [...text.matchAll(/^```yaml\nrepositories:\n(.*?)^```$/gms)].map(([, piece]) => piece)
  return `repositories:\n${pieces.join('')}`
}

describe.each(['configuration.md', 'repositories.md'])('the example of docs/%s', document => {
  it('is a correct file with repositories of every kind and for every client', () => {
    const repositories = [...read(exampleIn(document)).repositories.values()]
    const kinds = repositories.map(one =>
      one.kind === 'mirror' ? `mirror ${one.upstream.format}` : `${one.kind} ${one.output.format}`,
    )
    const all = ['mirror', 'uploads', 'compose'].flatMap(kind => [`${kind} apt`, `${kind} dnf`])
    expect(kinds).toEqual(expect.arrayContaining(all))
  })

  it('shows mirrors for dnf that a metalink vouches for, and their packages', () => {
    const repositories = [...read(exampleIn(document)).repositories.values()]
    const proofs = repositories.flatMap(one =>
      one.kind === 'mirror' && one.upstream.format === 'dnf' ? [one.upstream.verify] : [],
    )
    expect(proofs).toEqual(['metalink', 'packages'])
  })
})
