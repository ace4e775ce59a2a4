import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { bytesOf } from '../../model/index.ts'
import { fetcherFor, requestFor, someBytes } from './server.fixture.ts'
import { watchBlobs } from './watched-blobs.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'switchyard files+%-'))
afterAll(() => rmSync(root, { recursive: true }))
const url = `${pathToFileURL(root).href}/`
const bytes = someBytes(200_000)
const odd = 'pool/g++_1%3a2~\xe9?#.deb'
mkdirSync(join(root, 'pool'))
writeFileSync(Buffer.concat([Buffer.from(`${root}/`), bytesOf(odd)]), bytes)
writeFileSync(join(root, 'InRelease'), 'Suite: stable\n')

describe('a mirror on this machine', () => {
  it('gives a blob whose name is not even text', async () => {
    const blobs = watchBlobs()
    expect(await (await fetcherFor([url])).blob(requestFor(bytes, odd), blobs)).toBe(true)
    expect(blobs.written()).toBe(bytes.length)
  })

  it('resumes', async () => {
    const blobs = watchBlobs()
    const request = requestFor(bytes, odd)
    await blobs.leave(request, bytes.subarray(0, 150_000))
    await (await fetcherFor([url])).blob(request, blobs)
    expect(blobs.written()).toBe(50_000)
  })

  it('gives a document, and says when it did not change', async () => {
    const fetcher = await fetcherFor([url])
    const first = await fetcher.document('InRelease', { maxBytes: 100 })
    expect(first).toMatchObject({ kind: 'document', bytes: Buffer.from('Suite: stable\n') })
    const validators = first.kind === 'document' ? first.validators : {}
    expect(await fetcher.document('InRelease', { maxBytes: 100, validators })).toMatchObject({
      kind: 'not-modified',
    })
  })

  it('has no file where there is none, or a directory', async () => {
    const fetcher = await fetcherFor([url])
    expect(await fetcher.document('missing', { maxBytes: 100 })).toEqual({ kind: 'absent' })
    expect(await fetcher.document('pool', { maxBytes: 100 })).toEqual({ kind: 'absent' })
    await expect(fetcher.blob(requestFor(bytes, 'missing'), watchBlobs())).rejects.toMatchObject({
      code: 'incomplete',
    })
  })

  it('does not wait for a named pipe', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    expect(await (await fetcherFor([url])).document('pipe', { maxBytes: 100 })).toEqual({ kind: 'absent' })
  })

  it('gives no document that is too large, and no blob of another size', async () => {
    const fetcher = await fetcherFor([url])
    await expect(fetcher.document(odd, { maxBytes: 100 })).rejects.toMatchObject({ code: 'invalid' })
    const request = { ...requestFor(someBytes(10), odd) }
    await expect(fetcher.blob(request, watchBlobs())).rejects.toMatchObject({ code: 'damaged' })
  })

  it('does not let a path out', async () => {
    const fetcher = await fetcherFor([url])
    await expect(fetcher.document('../x', { maxBytes: 100 })).rejects.toMatchObject({ code: 'invalid' })
  })
})
