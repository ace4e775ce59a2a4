import { describe, expect, it } from 'vitest'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { parseMetalink } from './metalink.ts'

const hashes = {
  md5: 'ab'.repeat(16),
  sha1: 'cd'.repeat(20),
  sha256: 'ef'.repeat(32),
  sha512: '01'.repeat(64),
}
const verification = Object.entries(hashes)
  .map(([type, hex]) => `     <hash type="${type}">${hex}</hash>\n`)
  .join('')
const checksums = Object.entries(hashes).map(([algorithm, hex]) => ({ algorithm, hex }))

const metalink = `<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic" pubdate="Sat, 21 Nov 2026 06:45:00 GMT" generator="mirrormanager" xmlns:mm0="http://fedorahosted.org/mirrormanager">
 <files>
  <file name="repomd.xml">
   <mm0:timestamp>1795243500</mm0:timestamp>
   <size>5285</size>
   <verification>
${verification}   </verification>
   <mm0:alternates>
    <mm0:alternate>
     <mm0:timestamp>1795157100</mm0:timestamp>
     <size>5280</size>
     <verification>
      <hash type="sha256">${hashes.sha256}</hash>
      <hash type="tiger">xyz</hash>
     </verification>
    </mm0:alternate>
   </mm0:alternates>
   <resources maxconnections="1">
    <url protocol="http" type="http" location="DE" preference="98">http://b.example.org/x/repodata/repomd.xml</url>
    <url protocol="rsync" type="rsync" location="US" preference="100">rsync://a.example.org/x/repodata/repomd.xml</url>
    <url protocol="https" type="https" location="US" preference="100">
     https://a.example.org/x/repodata/repomd.xml?a=1&amp;b=2
    </url>
    <url protocol="https" type="https" preference="98">https://c.example.org/x/repodata/repomd.xml</url>
    <url protocol="https">https://d.example.org/x/repodata/repomd.xml</url>
   </resources>
  </file>
 </files>
</metalink>
`
const parse = (text: string) => parseMetalink(Buffer.from(text, 'latin1'), 'metalink')

describe('a metalink', () => {
  it('says what proves a file, now and before, and which mirrors have it, best first', () => {
    const url = (host: string, preference: number, location?: string, query = '') => ({
      url: `${host === 'b' ? 'http' : 'https'}://${host}.example.org/x/repodata/repomd.xml${query}`,
      preference,
      location,
    })
    expect(parse(metalink)).toEqual([
      {
        name: 'repomd.xml',
        timestamp: 1795243500,
        size: 5285,
        checksums,
        alternates: [{ timestamp: 1795157100, size: 5280, checksums: [checksums[2]] }],
        urls: [url('a', 100, 'US', '?a=1&b=2'), url('b', 98, 'DE'), url('c', 98), url('d', 0)],
      },
    ])
  })

  it('may say little', () => {
    expect(parse('<metalink><files><file name="a"/></files></metalink>')).toEqual([
      { name: 'a', timestamp: undefined, size: undefined, checksums: [], alternates: [], urls: [] },
    ])
    expect(parse('<metalink/>')).toEqual([])
  })

  const url = '<url preference="1">http://a.example.org/</url>'
  it.each([
    ['another document', '<html></html>', 'it should be <metalink>'],
    ['a file without name', metalink.replace('name="repomd.xml"', ''), 'unsafe path ""'],
    ['a file that climbs', metalink.replace('repomd.xml', '../repomd.xml'), 'unsafe path "../repomd.xml"'],
    ['a size in words', metalink.replace('5285', 'large'), 'file "repomd.xml": malformed size "large"'],
    ['a negative preference', metalink.replace('"100"', '"-1"'), 'malformed preference "-1"'],
    ['half a digest', metalink.replace(hashes.sha256, 'ef'), 'malformed sha256'],
    ['URLs without end', metalink.replace('<url', `${url.repeat(2000)}<url`), 'more than 2000 URLs'],
    [
      'alternates without end',
      metalink.replace('<mm0:alternate>', `${'<mm0:alternate/>'.repeat(1000)}$&`),
      'more than 1000 alternates',
    ],
    ['entities', `<!DOCTYPE metalink [<!ENTITY a "b">]>${metalink.replace(/.*\n/, '')}`, 'a document type'],
  ])('is refused with %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) }),
    )
  })

  it('is read or refused with a YardError, whatever the damage', async () => {
    await expectOnlyYardErrors([Buffer.from(metalink)], async damaged => parseMetalink(damaged, 'x'), 1500)
  })
})
