/**
 * How fast primary.xml is read: `scan-primary.ts FILE.xml.gz ours|saxes` decompresses it, reads it five times from memory to
 * get warm and to measure, and prints MB/s of each as JSON. Ours cuts it into fragments and reads what a sync needs of each;
 * saxes hands over its events, and nobody looks at them.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { SaxesParser } from 'saxes'
import { createFragmentScanner, identityOf } from '../src/formats/index.ts'

const [file, how] = process.argv.slice(2) as [string, string]
const document = gunzipSync(readFileSync(file))
/** As the decompressor hands them over. */
const chunkBytes = 64 * 1024
const chunks: Buffer[] = []
for (let at = 0; at < document.length; at += chunkBytes) chunks.push(document.subarray(at, at + chunkBytes))

const rates: number[] = []
for (let i = 0; i < 5; i++) {
  const begun = performance.now()
  const packages = how === 'ours' ? readOurs() : readSaxes()
  rates.push(document.length / 1000 / (performance.now() - begun))
  if (packages === 0) throw new Error(`${file} has no packages`)
}
process.stdout.write(`${JSON.stringify(rates)}\n`)

function readOurs(): number {
  let packages = 0
  const scanner = createFragmentScanner({ document: 'primary', maxFragmentBytes: 1 << 26, object: file })
  for (const chunk of chunks)
    for (const fragment of scanner.push(chunk)) if (identityOf(fragment, file).name !== '') packages++
  scanner.end()
  return packages
}

function readSaxes(): number {
  let packages = 0
  const parser = new SaxesParser()
  parser.on('opentag', ({ name }) => {
    if (name === 'package') packages++
  })
  const decoder = new TextDecoder()
  for (const chunk of chunks) parser.write(decoder.decode(chunk, { stream: true }))
  parser.close()
  return packages
}
