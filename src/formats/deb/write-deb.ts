import { createHash } from 'node:crypto'
import type { ByteString } from '../../model/index.ts'
import { gzipFrame } from '../archive/gzip-frames.ts'
import { type PackedEntry, withParents } from '../archive/packed-entry.ts'
import { writeAr } from '../archive/write-ar.ts'
import { writeTar } from '../archive/write-tar.ts'
import { zstdFrame } from '../archive/zstd-frame.ts'

/** A binary package to be written. */
export interface DebContent {
  /** The fields of its control file in their order, Package, Version, Architecture, Maintainer and Description at least; Installed-Size is added. */
  control: readonly [field: string, value: string][]
  /** Its maintainer scripts. */
  scripts?: { [name in 'preinst' | 'postinst' | 'prerm' | 'postrm']?: string }
  /** What it installs; the directories above are added. */
  entries: readonly PackedEntry[]
  /** Of all its files, in seconds since 1970. */
  time: number
}

/**
 * A binary package (deb(5)): control.tar.gz, data.tar.zst, which dpkg reads from 1.21.18 on. The same content gives the same bytes
 * under the same Node.
 * @throws YardError `invalid` for a path that tar cannot hold.
 */
export async function writeDeb({ control, scripts = {}, entries, time }: DebContent): Promise<Buffer> {
  const installed = withParents(entries)
  const fields = [...control, ['Installed-Size', String(installedSize(installed))] as const]
  const controlFiles = Object.entries({
    control: `${fields.map(([field, value]) => `${field}: ${value}\n`).join('')}`,
    md5sums: md5sumsOf(installed),
    ...scripts,
  })
  const controlTar = writeTar(
    controlFiles.map(([name, text]) => ({
      type: 'file',
      path: `/${name}`,
      mode: name in scripts ? 0o755 : 0o644,
      bytes: Buffer.from(text),
    })),
    time,
  )
  return writeAr(
    [
      ['debian-binary', Buffer.from('2.0\n')],
      ['control.tar.gz', await gzipFrame(controlTar)],
      ['data.tar.zst', await zstdFrame(writeTar(installed, time))],
    ],
    time,
  )
}

/** As dpkg-gencontrol counts: whole KiB of every file, one for everything else. */
function installedSize(entries: readonly PackedEntry[]): number {
  return entries.reduce(
    (total, entry) => total + (entry.type === 'file' ? Math.ceil(entry.bytes.length / 1024) : 1),
    0,
  )
}

/** What `dpkg --verify` compares with. */
function md5sumsOf(entries: readonly PackedEntry[]): ByteString {
  return entries
    .flatMap(entry =>
      entry.type === 'file'
        ? [`${createHash('md5').update(entry.bytes).digest('hex')}  ${entry.path.slice(1)}\n`]
        : [],
    )
    .join('')
}
