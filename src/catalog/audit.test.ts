import { expect, it } from 'vitest'
import { type AuditDraft, chainFault, type Name } from '../model/index.ts'
import { onBothEngines } from './engines.fixture.ts'
import { added, at, commit, record } from './records.fixture.ts'

const debian = 'debian' as Name
const draft = (subject: string, more: Partial<AuditDraft> = {}): AuditDraft => ({
  verb: 'sync',
  subject,
  who: 'ada',
  via: 'api',
  detail: {},
  ...more,
})
const nothing = { packageCount: 0, fileCount: 0, byteCount: 0 }

onBothEngines('the audit log', engine => {
  it('numbers its lines and chains them, whoever writes at once', async () => {
    const database = await engine.create()
    const [one, other] = [await engine.open(database), await engine.open(database)]
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? one : other).appendAudit(draft(`d${i}`, { why: 'größer' }), at(i)),
      ),
    )
    const entries = await one.auditEntries({ after: 0, limit: 100 })
    expect(entries).toHaveLength(20)
    for (const [i, entry] of entries.entries()) expect(chainFault(entries[i - 1], entry)).toBeUndefined()
    expect(await one.auditEntries({ after: 5, limit: 2 })).toEqual(entries.slice(5, 7))
    expect(await one.latestAudit({ limit: 3 })).toEqual(entries.slice(-3).reverse())
    expect(await one.latestAudit({ before: 4, limit: 2 })).toEqual([entries[2], entries[1]])
    const since = await one.latestAudit({ since: at(15), limit: 100 })
    expect(since.map(entry => entry.at).sort()).toEqual([15, 16, 17, 18, 19].map(at))
  })

  it('gets the line of a snapshot with its commit, and none where the commit fails', async () => {
    const catalog = await engine.open()
    const listed = (number: number, counts = nothing) =>
      catalog.commitSnapshot({
        record: record('debian', number, counts),
        base: number === 1 ? undefined : at(1),
        packages: [],
        content: [],
        audit: { draft: draft(`debian@${at(number)}`), at: at(number) },
      })
    await listed(1)
    await expect(listed(2, { ...nothing, packageCount: 1 })).rejects.toMatchObject({ code: 'internal' })
    await expect(listed(1)).rejects.toMatchObject({ code: 'exists' })
    expect((await catalog.auditEntries({ after: 0, limit: 9 })).map(({ subject }) => subject)).toEqual([
      `debian@${at(1)}`,
    ])
  })

  it('gets the line of a removal with the call that removes, once', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx')])
    const line = { draft: draft(`debian@${at(1)}`, { verb: 'rm' }), at: at(2) }
    await catalog.beginRemoval(debian, at(1), line)
    await catalog.beginRemoval(debian, at(1), line)
    await catalog.finishRemoval(debian, at(1))
    await expect(catalog.beginRemoval(debian, at(1), line)).rejects.toMatchObject({ code: 'not-found' })
    expect(await catalog.latestAudit({ limit: 9 })).toMatchObject([{ number: 1, verb: 'rm' }])
  })
})
