import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import type { Cli } from './context.ts'
import { createProgram } from './program.ts'
import { version } from './version.ts'

function fakeCli(): Cli & { printed: string } {
  const cli: Cli & { printed: string } = {
    printed: '',
    environment: {},
    workingDirectory: '/nowhere',
    out: text => {
      cli.printed += text
    },
    err: text => {
      cli.printed += text
    },
    terminal: false,
    columns: 80,
    signal: new AbortController().signal,
    setExitStatus: () => undefined,
  }
  return cli
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0
    ? [command]
    : command.commands.flatMap(child => leaves(child as Command))
}

async function helpOf(path: string[]): Promise<string> {
  const cli = fakeCli()
  await createProgram(cli)
    .parseAsync([...path, '--help'], { from: 'user' })
    .catch(() => undefined)
  return cli.printed
}

function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()]
}

describe('the command line', () => {
  it('knows its version', () => {
    expect(version).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version)
  })

  it.each(
    leaves(createProgram(fakeCli())).map(command => [pathOf(command).join(' '), pathOf(command)] as const),
  )('%s: the help fits a screen and shows an example', async (_, path) => {
    const help = await helpOf(path)
    expect(help.split('\n').length).toBeLessThanOrEqual(24)
    expect(help).toMatch(/^Example:\n {2}switchyard /m)
  })

  it('refuses what it does not know, and names the nearest', async () => {
    const cli = fakeCli()
    await expect(createProgram(cli).parseAsync(['snyc'], { from: 'user' })).rejects.toMatchObject({
      exitCode: 1,
    })
    expect(cli.printed).toMatch(/unknown command 'snyc'\n\(Did you mean sync\?\)/)
  })
})
