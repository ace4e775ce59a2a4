import type { ByteString } from '../../model/index.ts'
import type { PackageChange } from '../package-changes.ts'

/** What a host must do until it runs what a package brought: boot, restart its services, or have its users log in again. */
export type Need = 'reboot' | 'restart' | 'relogin'

/** The strongest first. */
const needs: readonly Need[] = ['reboot', 'restart', 'relogin']

/**
 * Packages that run from boot on. They are those of `dnf needs-restarting --reboothint` (dnf-plugins-core), the kernel in all
 * its flavours and packages, and what they are called in Debian, Ubuntu and SUSE.
 */
const atBoot = [
  /^kernel(?:-(?:rt|64k|16k|uek|lt|ml|default|azure|automotive|zfcpdump))?(?:-(?:core|base|modules(?:-core|-extra)?))?$/,
  /^linux-(?:image|modules)-(?!.*-dbg(?:sym)?$)/,
  /^(?:glibc|libc6|systemd|dbus|dbus-broker|dbus-daemon)$/,
  /^(?:linux-firmware|kernel-firmware-.+|firmware-.+|microcode_ctl|ucode-.+|intel-microcode|amd64-microcode)$/,
]

/** Libraries for TLS, which every running service keeps until it is started again. */
const inServices = [
  /^(?:openssl-libs|compat-openssl1[01]|libopenssl[0-9_]+|libssl[0-9.]+(?:t64)?)$/,
  /^(?:gnutls|libgnutls[0-9]+(?:t64)?|nss|libnss3)$/,
]

/** What a change of a package needs, by its name; nothing for one that only goes, and for a source package. */
export function needOf({ family, name, after }: PackageChange): Need | undefined {
  if (after === undefined || family === 'deb-src' || after.architecture === 'src') return undefined
  if (isNamed(atBoot, name)) return 'reboot'
  return isNamed(inServices, name) ? 'restart' : undefined
}

/** The strongest of several, undefined when none is needed. */
export function strongestNeed(some: Iterable<Need | undefined>): Need | undefined {
  const wanted = new Set(some)
  return needs.find(need => wanted.has(need))
}

function isNamed(patterns: readonly RegExp[], name: ByteString): boolean {
  return patterns.some(pattern => pattern.test(name))
}
