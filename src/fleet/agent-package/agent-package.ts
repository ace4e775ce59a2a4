import {
  type DebContent,
  type PackedEntry,
  type RpmContent,
  writeDeb,
  writeRpm,
} from '../../formats/index.ts'
import { agentPackageNames } from '../../model/index.ts'
import { debScripts, rpmScripts, type ScriptOptions } from './maintainer-scripts.ts'
import { keepLibraries, startWithOwnLibraries } from './own-libraries.ts'

/** What the agent's packages are made of. */
export interface AgentParts {
  /** Of Switchyard: `1.2.0`, `1.2.0-rc.1`. */
  version: string
  /** The agent in one file of JavaScript. */
  program: Uint8Array
  /** Its systemd units by name. */
  units: { readonly [name: string]: string }
  /** Switchyard's licence. */
  licence: Uint8Array
}

/** The Node that an agent brings along. */
export interface BundledNode {
  architecture: AgentArchitecture
  /** The program, without what only debuggers need. */
  program: Uint8Array
  licence: Uint8Array
}

export type AgentArchitecture = 'amd64' | 'arm64'

export interface WrittenPackage {
  /** As package managers name such files. */
  fileName: string
  bytes: Buffer
}

/** The oldest Node of a host that the light form runs on. */
const oldestNode = '24'
/** All files bear the same moment, so that the same parts are the same bytes: 2026-01-01T00:00:00Z. */
const time = 1_767_225_600
const directory = '/usr/lib/switchyard-agent'
const rpmArchitectures = { amd64: 'x86_64', arm64: 'aarch64' } as const
const description = [
  'The agent of Switchyard on a host: it fetches signed statements from any place, verifies them, and says what the host may do.',
  'Nothing of it stays running: systemd wakes it.',
]

/**
 * The agent as a .deb and a .rpm; light without `node`. Neither is signed. The same parts are the same bytes under the same Node.
 */
export async function packAgent(parts: AgentParts, node: BundledNode | undefined): Promise<WrittenPackage[]> {
  const [full, light] = agentPackageNames
  const [name, other] = node === undefined ? [light, full] : [full, light]
  // A pre-release is older than its release, which both package managers write with a tilde.
  const version = parts.version.replaceAll('-', '~')
  const entries = entriesOf(name, parts, node)
  const architecture = node?.architecture
  const form = { name, other, version, architecture, entries }
  const [deb, rpm] = await Promise.all([writeDeb(debOf(form)), writeRpm(rpmOf(form))])
  const rpmArchitecture = architecture === undefined ? 'noarch' : rpmArchitectures[architecture]
  return [
    { fileName: `${name}_${version}_${architecture ?? 'all'}.deb`, bytes: deb },
    { fileName: `${name}-${version}-1.${rpmArchitecture}.rpm`, bytes: rpm },
  ]
}

interface Form {
  name: string
  /** The name of the other form: a host has one of them. */
  other: string
  version: string
  architecture: AgentArchitecture | undefined
  entries: PackedEntry[]
}

function debOf({ name, other, version, architecture, entries }: Form): DebContent {
  const depends =
    architecture === undefined ? `nodejs (>= ${oldestNode})` : 'libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8)'
  return {
    control: [
      ['Package', name],
      ['Version', version],
      ['Architecture', architecture ?? 'all'],
      ['Maintainer', 'Switchyard <switchyard@example.org>'],
      ['Depends', `${depends}, systemd (>= 252)`],
      ['Conflicts', other],
      ['Replaces', other],
      ['Section', 'admin'],
      ['Priority', 'optional'],
      ['Description', [summaryOf(architecture), ...description.map(line => ` ${line}`)].join('\n')],
    ],
    scripts: debScripts(settled(architecture)),
    entries,
    time,
  }
}

/** Only what Node's own packages of every distribution provide without an epoch tells its version. */
function rpmOf({ name, other, version, architecture, entries }: Form): RpmContent {
  const any = (name: string) => ({ name, flags: undefined, evr: undefined })
  const atLeast = (name: string, version: string) => ({
    name,
    flags: 'GE' as const,
    evr: { epoch: undefined, version, release: undefined },
  })
  const libraries = [
    'libc.so.6(GLIBC_2.28)(64bit)',
    'libgcc_s.so.1()(64bit)',
    'libstdc++.so.6(GLIBCXX_3.4.21)(64bit)',
  ]
  return {
    name,
    version,
    release: '1',
    architecture: architecture === undefined ? 'noarch' : rpmArchitectures[architecture],
    summary: summaryOf(architecture),
    description: description.join('\n'),
    license: architecture === undefined ? 'Apache-2.0' : 'Apache-2.0 AND MIT',
    url: 'https://switchyard.example.org/',
    requires: [
      any('/bin/sh'),
      atLeast('systemd', '252'),
      ...(architecture === undefined ? [atLeast('nodejs(engine)', oldestNode)] : libraries.map(any)),
    ],
    conflicts: [any(other)],
    scripts: rpmScripts(settled(architecture)),
    entries,
    time,
  }
}

function settled(architecture: AgentArchitecture | undefined): ScriptOptions {
  return architecture === undefined ? { settle: '', unsettle: '' } : keepLibraries(directory, architecture)
}

function summaryOf(architecture: AgentArchitecture | undefined): string {
  return architecture === undefined
    ? "agent of Switchyard, for the host's own Node"
    : 'agent of Switchyard, with a Node of its own'
}

function entriesOf(name: string, parts: AgentParts, node: BundledNode | undefined): PackedEntry[] {
  const file = (path: string, content: string | Uint8Array, mode = 0o644): PackedEntry => ({
    type: 'file',
    path,
    mode,
    bytes: typeof content === 'string' ? Buffer.from(content) : content,
  })
  const documents = `/usr/share/doc/${name}`
  return [
    file('/usr/bin/switchyard-agent', launcher(node), 0o755),
    { type: 'directory', path: directory, mode: 0o755 },
    file(`${directory}/switchyard-agent.js`, parts.program),
    ...(node === undefined ? [] : [file(`${directory}/node`, node.program, 0o755)]),
    ...Object.entries(parts.units).map(([unit, text]) => file(`/usr/lib/systemd/system/${unit}`, text)),
    file('/usr/lib/systemd/system-preset/80-switchyard-agent.preset', preset),
    file('/usr/lib/sysusers.d/switchyard-agent.conf', sysusers),
    file('/usr/lib/tmpfiles.d/switchyard-agent.conf', tmpfiles),
    { type: 'directory', path: documents, mode: 0o755 },
    file(`${documents}/copyright`, parts.licence),
    ...(node === undefined ? [] : [file(`${documents}/node-LICENSE`, node.licence)]),
  ]
}

function launcher(node: BundledNode | undefined): string {
  const start =
    node === undefined
      ? `exec /usr/bin/node ${directory}/switchyard-agent.js "$@"\n`
      : startWithOwnLibraries(directory, node.architecture)
  return `#!/bin/sh\n${start}`
}

/** Some distributions start nothing that no preset names. */
const preset = `enable switchyard-agent.path
enable switchyard-agent.timer
`

/** Reading and verifying what comes from the network needs no rights. */
const sysusers = `u switchyard-agent - "agent of Switchyard" /var/lib/switchyard-agent
`

/** The inbox must be there before the unit that watches it starts. */
const tmpfiles = `d /etc/switchyard-agent 0755 root root
d /var/lib/switchyard-agent 0750 switchyard-agent switchyard-agent
d /var/lib/switchyard-agent/inbox 0750 switchyard-agent switchyard-agent
`
