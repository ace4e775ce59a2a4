import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const script = `
import json, rpm, sys
ts = rpm.TransactionSet()
ts.setVSFlags(-1)
with open(sys.argv[1], 'rb') as f: header = ts.hdrFromFdno(f.fileno())
def plain(value):
  if isinstance(value, bytes): return value.decode('latin1')
  return str(value).encode('utf-8', 'surrogateescape').decode('latin1')
def values(name):
  tag = getattr(rpm, 'RPMTAG_' + name)
  if tag not in header: return []
  value = header[tag]
  return [plain(item) for item in (value if isinstance(value, list) else [value])]
print(json.dumps([values(name) for name in sys.argv[2:]]))
`

/** What the real rpm has for each of these tags in a package, as byte strings; nothing for a tag that is not there. */
export function askRpm(bytes: Uint8Array, names: string[]): string[][] {
  return JSON.parse(onFile(bytes, path => run('/usr/bin/python3', '-c', script, path, ...names)))
}

/** What a program prints about a package, which it gets as a file behind its options; as a byte string. */
export function askAboutRpm(bytes: Uint8Array, program: string, ...options: string[]): string {
  return onFile(bytes, path => run(program, ...options, path))
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
}

function onFile(bytes: Uint8Array, ask: (path: string) => string): string {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-rpm-'))
  try {
    const path = join(directory, 'test.rpm')
    writeFileSync(path, bytes)
    return ask(path)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
