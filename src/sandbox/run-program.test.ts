import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProgramRequest, runProgram } from './run-program.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'switchyard-program-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const sh = (script: string, more: Partial<ProgramRequest> = {}) =>
  runProgram({ command: 'sh', args: ['-c', script], timeLimit: 20, outputLimit: 1000, ...more })

/** Whether a process still runs; one that waits to be reaped does not. */
const runs = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('a program', () => {
  it('gets its arguments, input, environment and directory, and nothing else', async () => {
    const script = 'pwd; env; cat; echo "$1" >&2; exit 3'
    const { ended, status, signal, output, truncated } = await runProgram({
      command: '/bin/sh',
      args: ['-c', script, 'sh', 'a b; $HOME'],
      input: 'given\n',
      environment: { ONLY: 'this' },
      cwd: directory,
      timeLimit: 20,
      outputLimit: 1000,
    })
    expect({ ended, status, signal, truncated }).toEqual({
      ended: 'exited',
      status: 3,
      signal: undefined,
      truncated: 0,
    })
    const lines = output.split('\n').filter(line => line !== '')
    expect(lines.sort()).toEqual(['ONLY=this', `PWD=${directory}`, 'a b; $HOME', directory, 'given'].sort())
  })

  it('need not read its input, however much that is', async () => {
    expect(await sh('exec true', { input: Buffer.alloc(1 << 22) })).toMatchObject({ status: 0 })
  })

  it('is ended when its time is over, with everything that it started', async () => {
    const run = await sh('sleep 1000 & echo $!; wait', { timeLimit: 0.3 })
    expect(run).toMatchObject({ ended: 'timed-out', status: undefined, signal: 'SIGTERM' })
    expect(runs(Number(run.output))).toBe(false)
  })

  it('is killed when it does not listen', async () => {
    const run = await sh("trap '' TERM; while :; do sleep 0.1; done", { timeLimit: 0.2 })
    expect(run).toMatchObject({ ended: 'timed-out', signal: 'SIGKILL' })
  })

  it('leaves nothing behind that still runs or holds its output open', async () => {
    const run = await sh('sleep 1000 & echo $!')
    expect(run).toMatchObject({ ended: 'exited', status: 0 })
    await expect.poll(() => runs(Number(run.output))).toBe(false)
  })

  it('is waited for no longer though something that left its group holds its output open', async () => {
    const run = await sh('setsid sleep 1000 & echo $!; sleep 0.1')
    expect(run).toMatchObject({ ended: 'exited', status: 0 })
    process.kill(Number(run.output), 'SIGKILL')
  })

  it('is ended when the caller goes, or has gone already', async () => {
    expect(await sh('sleep 1000', { signal: AbortSignal.timeout(200) })).toMatchObject({ ended: 'cancelled' })
    expect(await sh('sleep 1000', { signal: AbortSignal.abort() })).toMatchObject({ ended: 'cancelled' })
  })

  it('may write for ever: the first and the last bytes are kept', async () => {
    const run = await sh('echo first; yes | head -c 50000000; echo last', { outputLimit: 100 })
    expect(run.output).toMatch(
      /^first\ny\n[\s\S]*\n\[\.\.\. 49999911 bytes left out \.\.\.\]\n[\s\S]*\nlast\n$/,
    )
    expect(run.truncated).toBe(50_000_011 - 100)
  })

  it('gets no more memory than its limit', async () => {
    const args = ['-e', 'my $x = "x" x (200 << 20); print "got it"']
    const perl = (memoryLimit?: number) =>
      runProgram({
        command: 'perl',
        args,
        timeLimit: 20,
        outputLimit: 1000,
        ...(memoryLimit === undefined ? {} : { memoryLimit }),
      })
    expect(await perl()).toMatchObject({ status: 0, output: 'got it' })
    const limited = await perl(64 << 20)
    expect(limited.output).toMatch(/^Out of memory/)
    expect(limited.status).not.toBe(0)
  })

  it('that is not there is an error, also when its directory is not', async () => {
    const request = { timeLimit: 20, outputLimit: 1000 }
    await expect(runProgram({ command: 'no-such-program', ...request })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'cannot run no-such-program: there is no such program',
    })
    await expect(runProgram({ command: directory, ...request })).rejects.toMatchObject({
      code: 'unavailable',
    })
    await expect(sh('true', { cwd: join(directory, 'missing') })).rejects.toMatchObject({
      code: 'unavailable',
    })
  })
})
