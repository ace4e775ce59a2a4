import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Root } from './root.ts'
import { type Sandbox, withSandbox } from './sandbox.ts'

/** Everything here is done with this machine's own namespaces: run it as root, or where user namespaces are allowed. */
const limits = { timeLimit: 20, outputLimit: 10_000 }
const sh = (script: string, ...args: string[]) => ({
  command: '/bin/sh',
  args: ['-c', script, 'sh', ...args],
  ...limits,
})

/** A directory that is root enough to run the shell in: this machine's own programs, seen through links, cannot be used in a chroot. */
async function tree(sandbox: Sandbox): Promise<string> {
  const directory = join(sandbox.directory, 'tree')
  mkdirSync(join(directory, 'etc'), { recursive: true })
  writeFileSync(join(directory, 'etc/name'), 'the tree')
  const copied = await sandbox.run(
    sh(
      'cd "$1"; for file in /bin/sh /bin/ls /bin/cat /bin/sleep /bin/rm; do for one in "$file" $(ldd "$file" | grep -o "/[^ ]*"); do mkdir -p ".$(dirname "$one")"; cp -L "$one" ".$one"; done; done',
      directory,
    ),
  )
  expect(copied, copied.output).toMatchObject({ status: 0 })
  return directory
}

const mounts = () => readFileSync('/proc/self/mounts', 'utf8')

/** Processes of this machine whose command line holds the text. */
function processesWith(text: string): number[] {
  return readdirSync('/proc').flatMap(name => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text)
        ? [Number(name)]
        : []
    } catch {
      return []
    }
  })
}

describe('a root', () => {
  it('is a layer over a tree that stays as it is, keeps what is done in it, and is seen by nobody else', async () => {
    const directory = await withSandbox(async sandbox => {
      const lower = await tree(sandbox)
      const [one, other] = [await sandbox.rootOver(lower), await sandbox.rootOver(lower)]
      const changed = await sandbox.runInside(one, sh('echo changed >/etc/name; rm /bin/ls'))
      expect(changed, changed.output).toMatchObject({ status: 0, output: '' })
      await sandbox.write(join(one.files, 'etc/put'), 'from outside')
      const seen = await sandbox.runInside(one, sh('cat /etc/name /etc/put; ls /'))
      expect(seen.output).toMatch(/^changed\nfrom outside.*ls: not found/s)
      expect((await sandbox.runInside(other, sh('cat /etc/name'))).output).toBe('the tree')
      expect(readFileSync(join(lower, 'etc/name'), 'utf8')).toBe('the tree')
      expect(mounts()).not.toContain(sandbox.directory)
      return sandbox.directory
    })
    expect(existsSync(directory)).toBe(false)
  })

  it('has a /proc of its own, the devices that programs need, and none of our environment', async () => {
    await withSandbox(async sandbox => {
      const root = await sandbox.rootOver(await tree(sandbox))
      const script = 'cat /proc/1/comm; echo gone >/dev/null; ls /dev; echo $HOME$SWITCHYARD_TEST; cat'
      vi.stubEnv('SWITCHYARD_TEST', 'ours')
      const { output } = await sandbox.runInside(root, sh(script))
      vi.unstubAllEnvs()
      expect(output.split('\n')).toEqual([
        ...['sh', 'fd', 'full', 'null', 'ptmx', 'pts', 'random', 'shm', 'stderr', 'stdin', 'stdout'],
        'tty',
        'urandom',
        'zero',
        '',
        '',
      ])
    })
  })

  it('cannot set what the kernel of this machine does', async () => {
    await withSandbox(async sandbox => {
      const root = await sandbox.rootOver(await tree(sandbox))
      const { status, output } = await sandbox.runInside(
        root,
        sh('read same </proc/sys/kernel/panic; echo $same >/proc/sys/kernel/panic'),
      )
      expect(output).toContain('Read-only file system')
      expect(status).not.toBe(0)
    })
  })

  it('is left by everything that was started in it', async () => {
    await withSandbox(async sandbox => {
      const root = await sandbox.rootOver(await tree(sandbox))
      const run = await sandbox.runInside(
        root,
        sh('sleep 31415.1 & sleep 31415.2 </dev/null >/dev/null 2>&1 & echo here'),
      )
      expect(run).toMatchObject({ status: 0, output: 'here\n' })
      await expect.poll(() => processesWith('31415.')).toEqual([])
      const ended = await sandbox.runInside(root, { ...sh('sleep 31415.3'), timeLimit: 0.5 })
      expect(ended).toMatchObject({ ended: 'timed-out' })
      await expect.poll(() => processesWith('31415.')).toEqual([])
    })
  })

  it('can be a copy, where no layer can be had', async () => {
    await withSandbox(async sandbox => {
      const odd = join(sandbox.directory, 'a:b,c')
      mkdirSync(odd)
      const { directory, ...rest } = await sandbox.rootOver(await tree({ ...sandbox, directory: odd }))
      const root: Root = { directory, ...rest }
      expect(root.overlay).toBeUndefined()
      expect(await sandbox.runInside(root, sh('echo changed >/etc/name'))).toMatchObject({ status: 0 })
      expect(readFileSync(join(directory, 'etc/name'), 'utf8')).toBe('changed\n')
      expect(readFileSync(join(odd, 'tree/etc/name'), 'utf8')).toBe('the tree')
    })
  })
})

describe('a sandbox whose process is killed', () => {
  it('leaves no process and no mount, and its directory goes with the next one', async () => {
    const script = `
      const { withSandbox } = await import(${JSON.stringify(join(import.meta.dirname, 'sandbox.ts'))})
      await withSandbox(async sandbox => {
        console.log(sandbox.directory)
        const root = await sandbox.emptyRoot()
        await sandbox.runBeside(root, { command: 'sleep', args: ['27182.8'], timeLimit: 1000, outputLimit: 1000 })
      })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const directory = line.toString().trim()
    await expect.poll(() => processesWith('27182.8').length, { timeout: 20_000 }).toBeGreaterThan(2)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await expect.poll(() => processesWith('27182.8'), { timeout: 20_000 }).toEqual([])
    expect(mounts()).not.toContain(directory)
    expect(existsSync(directory)).toBe(true)
    await withSandbox(async () => undefined)
    expect(existsSync(directory)).toBe(false)
    expect(readdirSync(tmpdir()).filter(name => name.includes(`-${child.pid}-`))).toEqual([])
  })
})
