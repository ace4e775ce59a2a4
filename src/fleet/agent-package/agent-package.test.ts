import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgentParts, type BundledNode, packAgent, type WrittenPackage } from './agent-package.ts'
import { debScripts, rpmScripts } from './maintainer-scripts.ts'
import { keepLibraries } from './own-libraries.ts'

const parts: AgentParts = {
  version: '1.2.0-rc.1',
  program: Buffer.from('console.log("agent")\n'),
  units: { 'switchyard-agent.path': '[Path]\n', 'switchyard-agent.service': '[Service]\n' },
  licence: Buffer.from('a licence\n'),
}
const node: BundledNode = {
  architecture: 'arm64',
  program: Buffer.from('a program'),
  licence: Buffer.from("Node's licence\n"),
}

const directory = mkdtempSync(join(tmpdir(), 'switchyard-agent-package-'))
afterAll(() => rmSync(directory, { recursive: true }))
let packages: WrittenPackage[]

beforeAll(async () => {
  packages = [...(await packAgent(parts, node)), ...(await packAgent(parts, undefined))]
  for (const { fileName, bytes } of packages) writeFileSync(join(directory, fileName), bytes)
})

describe('the packages of the agent', () => {
  it('are named as dpkg and rpm name files; a pre-release is older than its release', () =>
    expect(packages.map(({ fileName }) => fileName)).toEqual([
      'switchyard-agent_1.2.0~rc.1_arm64.deb',
      'switchyard-agent-1.2.0~rc.1-1.aarch64.rpm',
      'switchyard-agent-light_1.2.0~rc.1_all.deb',
      'switchyard-agent-light-1.2.0~rc.1-1.noarch.rpm',
    ]))

  it.each([
    ['with a Node of its own', 0, 1],
    ['light', 2, 3],
  ])('put the same files into both formats: %s', (_, deb, rpm) => {
    const rows = run('dpkg-deb', '-c', fileOf(deb)).trim().split('\n')
    const inDeb = rows.filter(row => row.startsWith('-')).map(row => row.replace(/^.* \.\//, '/'))
    const all = run('rpm', '-qp', '--qf', '[%{FILEMODES:perms} %{FILENAMES}\n]', fileOf(rpm))
      .trim()
      .split('\n')
    const inRpm = all.filter(row => row.startsWith('-')).map(row => row.replace(/^\S+ /, ''))
    expect(inRpm).toEqual(inDeb)
    expect(inDeb).toContain('/usr/lib/systemd/system/switchyard-agent.path')
    expect(inDeb.includes('/usr/lib/switchyard-agent/node')).toBe(deb === 0)
  })

  it.each([
    [0, /^ Depends: libc6 .*\n(.*\n)* Conflicts: switchyard-agent-light$/m],
    [2, /^ Depends: nodejs \(>= 24\), systemd .*\n(.*\n)* Conflicts: switchyard-agent$/m],
  ])('exclude each other, and need what they run on: %#', (i, fields) =>
    expect(run('dpkg-deb', '-I', fileOf(i))).toMatch(fields),
  )

  it('ask rpm for a Node whose version has no epoch', () =>
    expect(run('rpm', '-qp', '--requires', fileOf(3))).toMatch(/^nodejs\(engine\) >= 24$/m))

  it('are the same bytes every time', async () => {
    const again = [...(await packAgent(parts, node)), ...(await packAgent(parts, undefined))]
    expect(again).toEqual(packages)
  })
})

describe('the scripts of the packages', () => {
  const all = [keepLibraries('/usr/lib/it', 'amd64'), { settle: '', unsettle: '' }].flatMap(options =>
    Object.entries({ ...debScripts(options), ...rpmScripts(options) }),
  )

  it.each(all)('%s is a script that dash and bash take', (_, script) => {
    for (const shell of ['dash', 'bash'])
      expect(spawnSync(shell, ['-n'], { input: script })).toMatchObject({ status: 0 })
  })

  it.each(all)('%s stops nothing that may be applying a release', (_, script) =>
    expect(script).not.toMatch(/switchyard-agent\.service|systemctl \S+ switchyard-agent$/m),
  )
})

function fileOf(index: number): string {
  return join(directory, packages[index]!.fileName)
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { stdio: 'pipe' }).toString()
}
