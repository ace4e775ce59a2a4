import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestKey } from '../signing.ts'

/** The package as the real rpmsign signs its header with a key, which gpg finds beside its keyring. */
export function signRpm(rpm: Buffer, key: TestKey): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-rpmsign-'))
  try {
    const home = dirname(key.keyring)
    const path = join(directory, 'package.rpm')
    writeFileSync(path, rpm)
    const macros = [`_gpg_name ${key.fingerprint}`, `_gpg_path ${home}`, '__gpg /usr/bin/gpg']
    execFileSync('rpmsign', ['--addsign', ...macros.flatMap(macro => ['--define', macro]), path], {
      stdio: 'pipe',
      env: { ...process.env, GNUPGHOME: home },
    })
    return readFileSync(path)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
