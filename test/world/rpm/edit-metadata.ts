import { gunzipSync, gzipSync } from 'node:zlib'
import { hash } from '../hash.ts'
import type { Signing } from '../signing.ts'

/** How an edited file of metadata is published; what is not said follows from its bytes. */
export interface MetadataEdit {
  /** How its name goes on behind the type; default `.xml.gz`. */
  ending?: string
  compress?: (plain: Buffer) => Buffer
  checksum?: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512'
  /** As the document writes it. */
  checksumName?: string
  /** May lie about anything. */
  block?: (block: string) => string
  signing?: Signing
}

const repomdPath = 'repodata/repomd.xml'

export function repomdOf(files: ReadonlyMap<string, Buffer>): string {
  return files.get(repomdPath)!.toString('latin1')
}

/** Where a type of metadata lies. */
export function pathOf(files: ReadonlyMap<string, Buffer>, type: string): string {
  return /href="([^"]*)"/.exec(blockOf(repomdOf(files), type))![1]!
}

/** A file of metadata as createrepo_c wrote it, decompressed. */
export function metadataOf(files: ReadonlyMap<string, Buffer>, type: string): Buffer {
  return gunzipSync(files.get(pathOf(files, type))!)
}

/** Writes repomd.xml anew, and signs it where a signature lies beside it. */
export function setRepomd(files: Map<string, Buffer>, text: string, signing?: Signing): void {
  const bytes = Buffer.from(text, 'latin1')
  files.set(repomdPath, bytes)
  if (signing !== undefined) files.set(`${repomdPath}.asc`, signing.detached(bytes, 'good'))
}

/** Replaces a file of metadata, or adds it, and what repomd.xml says of it. */
export function editMetadata(
  files: Map<string, Buffer>,
  type: string,
  change: (plain: string) => string,
  edit: MetadataEdit = {},
): void {
  const { ending = '.xml.gz', compress = gzipSync, checksum = 'sha256', signing } = edit
  const repomd = repomdOf(files)
  const known = repomd.includes(`type="${type}"`)
  const plain = Buffer.from(change(known ? metadataOf(files, type).toString('latin1') : ''), 'latin1')
  const bytes = compress(plain)
  if (known) files.delete(pathOf(files, type))
  const href = `repodata/${hash('sha256', bytes)}-${type}${ending}`
  files.set(href, bytes)
  const name = edit.checksumName ?? checksum
  const block = `<data type="${type}">
    <checksum type="${name}">${hash(checksum, bytes)}</checksum>
    <open-checksum type="${name}">${hash(checksum, plain)}</open-checksum>
    <location href="${href}"/>
    <timestamp>${Math.floor(Date.now() / 1000)}</timestamp>
    <size>${bytes.length}</size>
    <open-size>${plain.length}</open-size>
  </data>`
  const told = edit.block?.(block) ?? block
  const text = known
    ? repomd.replace(blockOf(repomd, type), told)
    : repomd.replace('</repomd>', `${told}\n</repomd>`)
  setRepomd(files, text, signing)
}

function blockOf(repomd: string, type: string): string {
  return new RegExp(`<data type="${type}">.*?</data>`, 's').exec(repomd)![0]
}
