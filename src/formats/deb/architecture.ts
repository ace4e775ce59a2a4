import type { ByteString } from '../../model/index.ts'

/** Debian architectures whose name is not that of their processor (dpkg's tupletable). */
const processors = new Map<ByteString, ByteString>([
  ['armel', 'arm'],
  ['armhf', 'arm'],
  ['arm64ilp32', 'arm64'],
  ['mipsn32', 'mips64'],
  ['mipsn32el', 'mips64el'],
  ['mipsn32r6', 'mips64r6'],
  ['mipsn32r6el', 'mips64r6el'],
  ['powerpcspe', 'powerpc'],
  ['x32', 'amd64'],
])

/**
 * Whether a Debian architecture (`amd64`, `hurd-i386`) is the named one or matches the wildcard (Debian Policy 11.1):
 * `any`, `linux-any`, `any-arm`.
 */
export function matchesArchitecture(architecture: ByteString, wildcard: ByteString): boolean {
  if (architecture === wildcard || wildcard === 'any') return true
  const [system, processor] = parts(architecture)
  const [wantedSystem, wantedProcessor] = parts(wildcard)
  if (wantedProcessor === 'any') return system === wantedSystem
  return wantedSystem === 'any' && processor === wantedProcessor
}

function parts(architecture: ByteString): [system: ByteString, processor: ByteString] {
  const hyphen = architecture.lastIndexOf('-')
  const name = architecture.slice(hyphen + 1)
  return [hyphen < 0 ? 'linux' : architecture.slice(0, hyphen), processors.get(name) ?? name]
}
