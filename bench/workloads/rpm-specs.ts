import type { UnpackedDeb } from './unpack-debs.ts'

/** One binary package that rpmbuild makes. */
export interface RpmPlan {
  name: string
  control: Record<string, string>
  files: string[]
  script: string
  requires: string[]
  provides: string[]
}

/** Which packages two states of a repository have. */
export interface Plans {
  /** Every package of today and those that only tomorrow has. */
  all: RpmPlan[]
  /** Names: only tomorrow, only today, and in a higher release tomorrow. */
  added: Set<string>
  removed: Set<string>
  changed: Set<string>
}

/** Packages that are built at first; what is added tomorrow is among them. */
export const builtPackages = 3000

/** A file that stands in the changed packages only. */
export const changedFile = (name: string) => `/usr/share/bench/${name}.changed`

const documentation = /^\/usr\/share\/(doc|man|info|locale|help)\//
const documentationSuffix = '-bdoc'

/**
 * RPMs with the file lists, dependencies and scriptlets of real .debs. There are fewer of those than packages are wanted,
 * so the documentation of many becomes a package of its own. Nothing requires one of these, so what comes and goes is
 * taken from among them, and both states are closed under dependencies.
 */
export function planRpms(debs: readonly UnpackedDeb[]): Plans {
  const names = new Set(debs.flatMap(deb => [deb.control.Package!, ...providesOf(deb)]))
  const all: RpmPlan[] = []
  let spare = builtPackages - debs.length
  for (const deb of debs) {
    const { control, files, script } = deb
    const name = control.Package!
    const documents = files.filter(path => documentation.test(path))
    const isSplit = spare > 0 && documents.length >= 3 && !names.has(name + documentationSuffix)
    all.push({
      name,
      control,
      script,
      files: isSplit ? files.filter(path => !documentation.test(path)) : files,
      requires: requiresOf(control, names),
      provides: [...providesOf(deb), ...(name === 'dash' ? ['/bin/sh'] : [])],
    })
    if (!isSplit) continue
    spare--
    const split = { name: name + documentationSuffix, control, files: documents, script: '' }
    all.push({ ...split, requires: [name], provides: [] })
  }
  const leaves = all.map(({ name }) => name).filter(name => name.endsWith(documentationSuffix))
  const some = (first: number) => new Set(leaves.filter((_, i) => i % 30 === first).slice(0, 30))
  const [added, removed] = [some(7), some(17)]
  const changed = all
    .filter(({ name }, i) => i % 33 === 0 && !added.has(name) && !removed.has(name))
    .map(({ name }) => name)
  return { all, added, removed, changed: new Set(changed) }
}

function providesOf({ control }: UnpackedDeb): string[] {
  const names = (control.Provides ?? '').split(',').map(part => part.trim().replace(/[ (].*/, ''))
  return [...new Set(names.filter(name => name !== ''))].sort()
}

/** Of every dependency the first alternative that there is. */
function requiresOf({ Package, 'Pre-Depends': before, Depends }: RpmPlan['control'], names: Set<string>) {
  const dependencies = [before, Depends].flatMap(field => (field ?? '').split(','))
  const first = dependencies.map(dependency =>
    dependency
      .split('|')
      .map(alternative => alternative.trim().replace(/[ (:].*/, ''))
      .find(name => names.has(name)),
  )
  return [...new Set(first.filter(name => name !== undefined && name !== Package))].sort() as string[]
}

const headOf = (name: string) => `Name: ${name}
Version: 1
Release: 1
Summary: bench
License: Free
%define debug_package %{nil}
%define __os_install_post %{nil}
%define _build_id_links none
%define _missing_build_ids_terminate_build 0
%define _binaries_in_noarch_packages_terminate_build 0
%define _unpackaged_files_terminate_build 0
%define _binary_payload w3.zstdio
%description
bench
`

/** A spec that makes these packages out of a build root that has their files. `release` stands behind that of each. */
export function specOf(name: string, plans: readonly RpmPlan[], release = ''): string {
  return headOf(name) + plans.map(plan => sectionOf(plan, release)).join('')
}

function sectionOf({ name, control, files, script, requires, provides }: RpmPlan, suffix: string): string {
  const { epoch, version, release } = evrOf(control.Version!)
  const lines = [
    `%package -n ${name}`,
    `Summary: ${escaped((control.Description ?? name).slice(0, 120))}`,
    'License: Free',
    `Version: ${version}`,
    `Release: ${release}${suffix}`,
    `Epoch: ${epoch}`,
    `Group: ${control.Section ?? 'misc'}`,
    'AutoReqProv: no',
    ...(control.Architecture === 'all' ? ['BuildArch: noarch'] : []),
    ...provides.map(provided => `Provides: ${provided}`),
    ...requires.map(required => `Requires: ${required}`),
    `%description -n ${name}`,
    'Made from a real Debian package for benchmarks.',
    '',
    ...(script === '' ? [] : [`%post -n ${name}`, ...escaped(script).split('\n').slice(1), '']),
    `%files -n ${name}`,
    '%defattr(-,root,root,-)',
    ...files,
    ...(suffix === '' ? [] : [changedFile(name)]),
    '',
  ]
  return `${lines.join('\n')}\n`
}

/** A version of Debian's as one of RPM's, where no part has a dash. */
function evrOf(text: string) {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/.exec(text)!
  const dash = rest.lastIndexOf('-')
  const [version, release] = dash < 0 ? [rest, '1'] : [rest.slice(0, dash), rest.slice(dash + 1)]
  return { epoch, version: version.replaceAll('-', '.'), release: release.replaceAll('-', '.') }
}

function escaped(text: string): string {
  return text.replaceAll('%', '%%')
}
