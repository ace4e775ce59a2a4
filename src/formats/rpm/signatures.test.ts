import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { inChunks } from '../archive/chunks.fixture.ts'
import { buildRpm } from './build-rpms.fixture.ts'
import { packageBytesOf } from './header.fixture.ts'
import { readRpm } from './package-file.ts'
import { type PackageSignature, signaturesOf } from './signatures.ts'
import type { WrittenTag } from './write-header.ts'

const home = mkdtempSync(join(tmpdir(), 'switchyard-rpmsign-'))
const gpg = (...args: string[]) =>
  execFileSync(
    'gpg',
    ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )

afterAll(() => {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'])
  rmSync(home, { recursive: true, force: true })
})

const bytes = buildRpm({ name: 'tool', files: { '/usr/bin/tool': 'x' } })

/** The package as rpmsign signs it with a new key of this kind. */
function signed(algorithm: string, ...options: string[]): Buffer {
  gpg('--quick-generate-key', `${algorithm}@example.org`, algorithm, 'sign', 'never')
  const path = join(home, `${algorithm}.rpm`)
  writeFileSync(path, bytes)
  const macros = [`_gpg_name ${algorithm}@example.org`, `_gpg_path ${home}`, '__gpg /usr/bin/gpg']
  const defines = macros.flatMap(macro => ['--define', macro])
  execFileSync('rpmsign', ['--addsign', ...options, ...defines, path], {
    stdio: 'pipe',
    env: { ...process.env, GNUPGHOME: home },
  })
  return readFileSync(path)
}

/** Whether the real gpg verifies a signature over these bytes. */
function isGood(packet: Buffer, content: Buffer): boolean {
  const paths = [join(home, 'packet'), join(home, 'content')] as const
  writeFileSync(paths[0], packet)
  writeFileSync(paths[1], content)
  try {
    gpg('--verify', ...paths)
    return true
  } catch {
    return false
  }
}

const signaturesIn = async (rpm: Buffer): Promise<PackageSignature[]> =>
  signaturesOf(await readRpm(inChunks(rpm), 'tool.rpm'), 'tool.rpm')

describe('the signatures of a package', () => {
  it('are none before it is signed', async () => {
    expect(await signaturesIn(bytes)).toEqual([])
  })

  it.each<[string, string[], ...string[]]>([
    ['rsa2048', ['header']],
    ['ed25519', ['header']],
    ['rsa3072', ['header', 'header-and-payload'], '--rpmv3'],
    ['dsa2048', ['header', 'header-and-payload'], '--rpmv3'],
  ])('made with %s cover %j', async (algorithm, covers, ...options) => {
    const rpm = signed(algorithm, ...options)
    const { headerStart, headerBytes } = await readRpm(inChunks(rpm), 'tool.rpm', { payload: true })
    const signatures = await signaturesIn(rpm)
    expect(signatures.map(signature => signature.covers)).toEqual(covers)
    for (const { packet, covers } of signatures) {
      const content = covers === 'header' ? headerBytes : rpm.subarray(headerStart)
      expect(isGood(packet, content)).toBe(true)
      expect(isGood(packet, Buffer.concat([content, Buffer.from('x')]))).toBe(false)
    }
  })

  it('are, of rpm 6, as many as there are, each once', async () => {
    const [one, two] = [Buffer.from('first packet'), Buffer.from('second')]
    const lines: WrittenTag[] = [
      { tag: 268, type: 7, values: [one.toString('latin1')] },
      { tag: 278, type: 8, values: [one.toString('base64'), `${two.toString('base64')}\n`] },
    ]
    expect(await signaturesIn(handmade(lines))).toEqual([
      { packet: one, covers: 'header' },
      { packet: two, covers: 'header' },
    ])
  })

  it.each(['', 'not base64!', 'a=b='])('are not %j', async text => {
    await expect(signaturesIn(handmade([{ tag: 278, type: 8, values: [text] }]))).rejects.toMatchObject({
      code: 'invalid',
      message: 'tool.rpm is no valid RPM package: its signature is not base64',
    })
  })
})

function handmade(signature: WrittenTag[]): Buffer {
  return packageBytesOf({ signature, header: [{ tag: 1000, type: 6, values: ['tool'] }] })
}
