import { expect, it } from 'vitest'
import { type PackageChange, packageChanges } from '../package-changes.ts'
import { rowFor } from '../rows.fixture.ts'
import { needOf, strongestNeed } from './needs.ts'

function upgradeOf(name: string, changes: Parameters<typeof rowFor>[2] = {}): PackageChange {
  const [change] = packageChanges({
    removed: [rowFor(name, '1', changes)],
    added: [rowFor(name, '2', changes)],
  })
  return change!
}
const needFor = (...names: string[]) => new Set(names.map(name => needOf(upgradeOf(name))))

it('what runs from boot on needs a reboot, in every distribution', () => {
  // The list of `dnf needs-restarting --reboothint` first.
  const names = needFor(
    ...['kernel', 'kernel-rt', 'glibc', 'linux-firmware', 'systemd', 'dbus', 'dbus-broker', 'dbus-daemon'],
    ...['kernel-core', 'kernel-modules', 'kernel-rt-core', 'kernel-default', 'kernel-64k-modules-extra'],
    ...['linux-image-6.1.0-18-amd64', 'linux-image-amd64', 'linux-modules-6.8.0-31-generic', 'libc6'],
    ...['microcode_ctl', 'intel-microcode', 'amd64-microcode', 'firmware-linux-free'],
  )
  expect(names).toEqual(new Set(['reboot']))
})

it('libraries for TLS need a restart of what uses them', () => {
  const names = needFor('openssl-libs', 'libssl3', 'libssl3t64', 'libssl1.1', 'libopenssl3', 'gnutls')
  expect(names).toEqual(new Set(['restart']))
})

it('packages that are named alike need nothing', () => {
  const names = needFor(
    ...['kernel-headers', 'kernel-devel', 'kernel-tools', 'kernel-debuginfo', 'linux-libc-dev'],
    ...[
      'linux-image-6.1.0-18-amd64-dbg',
      'linux-image-amd64-dbgsym',
      'glibc-devel',
      'libc6-dev',
      'libssl-dev',
    ],
    ...['openssl', 'openssl-devel', 'libgnutls28-dev', 'systemd-sysv', 'dbus-x11', 'nginx'],
  )
  expect(names).toEqual(new Set([undefined]))
})

it('a package that only goes needs nothing, nor does a source package', () => {
  const [gone] = packageChanges({ removed: [rowFor('systemd', '1')], added: [] })
  expect(needOf(gone!)).toBeUndefined()
  expect(needOf(upgradeOf('systemd', { family: 'deb-src', ownArchitecture: 'source' }))).toBeUndefined()
  expect(needOf(upgradeOf('systemd', { family: 'rpm', ownArchitecture: 'src' }))).toBeUndefined()
  expect(needOf(upgradeOf('systemd', { family: 'rpm', ownArchitecture: 'x86_64' }))).toBe('reboot')
})

it('a reboot is stronger than a restart, and that than a new login', () => {
  expect(strongestNeed(['restart', undefined, 'reboot', 'relogin'])).toBe('reboot')
  expect(strongestNeed(['relogin', 'restart'])).toBe('restart')
  expect(strongestNeed([undefined])).toBeUndefined()
})
