import { describe, expect, it } from 'vitest'
import { moduleChanges } from './module-changes.ts'

const stream = (name: string, stream: string, context: string, ...rpms: string[]) =>
  Buffer.from(`---
document: modulemd
version: 2
data:
  name: ${name}
  stream: "${stream}"
  context: ${context}
  artifacts: { rpms: [${rpms.join(', ')}] }
`)
const defaults = (name: string, stream?: string) =>
  Buffer.from(`---
document: modulemd-defaults
version: 1
data:
  module: ${name}
${stream === undefined ? '' : `  stream: "${stream}"\n`}`)

const changes = (before: Buffer[], after: Buffer[]) => moduleChanges(before, after, 'modules.yaml')

describe('changes of modules', () => {
  it('streams that came and went, with their packages', () => {
    expect(
      changes(
        [stream('tool', '1', 'a', 'tool-0:1-1.x86_64'), stream('same', '1', 'a', 'same-0:1-1.noarch')],
        [stream('same', '1', 'a', 'same-0:1-1.noarch'), stream('tool', '1.10', 'a', 'tool-0:1.10-1.x86_64')],
      ),
    ).toEqual([
      {
        name: 'tool',
        streams: [
          { stream: '1', kind: 'removed', addedPackages: [], removedPackages: ['tool-0:1-1.x86_64'] },
          { stream: '1.10', kind: 'added', addedPackages: ['tool-0:1.10-1.x86_64'], removedPackages: [] },
        ],
      },
    ])
  })

  it('a stream has the packages of all its builds together', () => {
    const old = [stream('tool', '1', 'a', 'x', 'y'), stream('tool', '1', 'b', 'z')]
    expect(changes(old, [...old, stream('tool', '1', 'c', 'y', 'z')])).toEqual([])
    expect(changes(old, [...old, stream('tool', '1', 'c', 'y', 'new')])).toEqual([
      {
        name: 'tool',
        streams: [{ stream: '1', kind: 'changed', addedPackages: ['new'], removedPackages: [] }],
      },
    ])
    expect(changes(old, [old[0]!])).toMatchObject([
      { streams: [{ kind: 'changed', addedPackages: [], removedPackages: ['z'] }] },
    ])
  })

  it('the default stream becomes another one, none, or the first', () => {
    const change = (before?: Buffer, after?: Buffer) =>
      changes(before === undefined ? [] : [before], after === undefined ? [] : [after])
    expect(change(defaults('tool', '1'), defaults('tool', '2'))).toEqual([
      { name: 'tool', defaultStream: { before: '1', after: '2' }, streams: [] },
    ])
    expect(change(defaults('tool', '1'), defaults('tool'))[0]).toMatchObject({
      defaultStream: { before: '1' },
    })
    expect(change(undefined, defaults('tool', '1'))[0]).toMatchObject({ defaultStream: { after: '1' } })
    expect(change(undefined, defaults('tool'))).toEqual([])
  })

  it('what else a document says, and documents of other kinds, are no change', () => {
    const other = Buffer.from('---\ndocument: modulemd-translations\nversion: 1\ndata: {}\n')
    const described = Buffer.concat([stream('tool', '1', 'a', 'x'), Buffer.from('  summary: Better\n')])
    expect(changes([stream('tool', '1', 'a', 'x')], [described, other])).toEqual([])
  })

  it('documents that both have are read only where they may speak of a module that changed', () => {
    const unreadable = Buffer.from('---\n{ unread: [\n')
    expect(changes([unreadable], [unreadable, stream('tool', '1', 'a', 'x')])).toHaveLength(1)
    expect(() => changes([], [unreadable])).toThrow(/modules\.yaml/)
  })
})
