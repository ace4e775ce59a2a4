import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** A program with its arguments and what it is given. */
export interface Command {
  program: string
  args: string[]
  cwd?: string
  environment?: NodeJS.ProcessEnv
}

/** A line for the shell, for what needs several programs. */
export function shell(line: string, environment: NodeJS.ProcessEnv = {}): Command {
  return { program: 'bash', args: ['-euo', 'pipefail', '-c', line], environment }
}

/** Runs a command to its end; answers what it printed. @throws Error with its last lines when it fails. */
export async function run(command: Command): Promise<string> {
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: { ...process.env, ...command.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  if (status !== 0) throw new Error(`${lineOf(command)} failed (${status}): ${lastLines(stderr || stdout)}`)
  return stdout
}

export function lineOf({ program, args }: Command): string {
  return program === 'bash' ? args.at(-1)! : [program, ...args].join(' ')
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-8).join('\n')
}
