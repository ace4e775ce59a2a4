import { errorCodes, isYardError, messageOf, YardError } from '../model/index.ts'
import { type CommandShape, parseArguments, usageLines } from './arguments.ts'
import { readText } from './host/agent-files.ts'
import { type MachineClock, machineClock } from './host/clock.ts'
import { type Layout, layoutOf } from './host/layout.ts'
import { becomeOwner } from './host/machine.ts'
import { maximumIdentityBytes } from './identity.ts'

/** Where a program's words go. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
}

const shapes = {
  enroll: { operands: ['FILE'], values: ['root'], flags: [] },
  check: { operands: [], values: ['root'], flags: [] },
  status: { operands: [], values: ['root'], flags: ['json'] },
  why: { operands: [], values: ['root'], flags: [] },
  listen: { operands: [], values: ['root'], flags: [] },
  leave: { operands: [], values: ['root'], flags: [] },
} satisfies { [command: string]: CommandShape }

const help = `switchyard-agent: what a host does for a yard; nothing of it stays running

${usageLines(shapes)
  .map(line => `  ${line}`)
  .join('\n')}

enroll   makes this machine a host, with what \`switchyard host token create\` printed (- reads it from standard input)
check    asks every place for news and verifies it; systemd runs it when something lies in the inbox, and daily
why      why this host is or is not updating now
status   what it knows
listen   holds one connection to the server, and wakes the agent when something happens there
leave    makes this machine no host

Exit status: 0 done; 1 failed; 2 wrong usage or configuration; 3 refused: it stands still because something is wrong; 4 done, but some
place failed or was not believed.
`

/**
 * Runs one command line.
 * @returns the exit status.
 */
export async function run(
  words: readonly string[],
  terminal: Terminal,
  clock: MachineClock = machineClock,
): Promise<number> {
  if (['--help', '-h', 'help'].includes(words[0] ?? '')) {
    terminal.out(help)
    return 0
  }
  try {
    const { command, operands, values, flags } = parseArguments(words, shapes)
    const layout = layoutOf(values.root ?? '/')
    return await commands[command as keyof typeof shapes]({ layout, terminal, clock, operands, flags })
  } catch (error) {
    return reportError(error, terminal)
  }
}

interface Call {
  layout: Layout
  terminal: Terminal
  clock: MachineClock
  operands: string[]
  flags: ReadonlySet<string>
}

type Command = (call: Call) => Promise<number>

/** Each loads what it needs when it runs: `why` shall not wait for TLS. */
const commands: { [command in keyof typeof shapes]: Command } = {
  async enroll({ layout, terminal, clock, operands: [file] }) {
    const text = file === '-' ? readInput(maximumIdentityBytes) : readText(file!, maximumIdentityBytes)
    if (text === undefined) throw new YardError('not-found', `there is no file ${file}; nothing was changed`)
    becomeOwner(layout)
    const { enrol } = await import('./enrol.ts')
    const { host, train, channel } = await enrol(text, layout, clock)
    terminal.out(`This machine is host ${host} now and follows ${train}/${channel}.\n`)
    return 0
  },
  async check({ layout, terminal, clock }) {
    becomeOwner(layout)
    const [{ check }, { checkText, exitStatusOf }] = await Promise.all([
      import('./check.ts'),
      import('./check-text.ts'),
    ])
    const result = await check(layout, clock)
    if (result === undefined) {
      terminal.out('This machine is no host: there is nothing to check.\n')
      return 0
    }
    const { out, err } = checkText(result)
    terminal.out(printable(out))
    terminal.err(printable(err))
    return exitStatusOf(result)
  },
  async why({ layout, terminal, clock }) {
    const { known, judgement } = await look(layout, clock)
    const { whyText } = await import('./why.ts')
    terminal.out(printable(whyText(known, judgement)))
    return 0
  },
  async status({ layout, terminal, clock, flags }) {
    const { known, judgement } = await look(layout, clock)
    const { statusJson, statusText } = await import('./why.ts')
    terminal.out(flags.has('json') ? statusJson(known, judgement) : printable(statusText(known, judgement)))
    return 0
  },
  async listen({ layout, terminal }) {
    becomeOwner(layout)
    const { listen } = await import('./listen.ts')
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
    await listen(layout, terminal.err, stop.signal)
    return 0
  },
  async leave({ layout, terminal }) {
    becomeOwner(layout)
    const { leave } = await import('./leave.ts')
    leave(layout)
    terminal.out(
      'This machine is no host now. Its yard still lists it: `switchyard host revoke` there ends that.\n',
    )
    return 0
  },
}

async function look(layout: Layout, clock: MachineClock) {
  const [{ readKnown }, { judge }] = await Promise.all([import('./known.ts'), import('./judgement.ts')])
  const known = readKnown(layout, clock)
  return { known, judgement: judge(known) }
}

/** What stands on standard input, as far as it may be looked at. */
function readInput(most: number): string {
  const { readSync } = process.getBuiltinModule('node:fs')
  const buffer = Buffer.alloc(most)
  let length = 0
  for (let read = -1; read !== 0 && length < most; length += read)
    read = readSync(0, buffer, length, most - length, null)
  return buffer.toString('utf8', 0, length)
}

function reportError(error: unknown, { err }: Terminal): number {
  if (!isYardError(error)) {
    err(
      `switchyard-agent: a defect: ${messageOf(error)}\n${error instanceof Error ? `${error.stack}\n` : ''}`,
    )
    return 1
  }
  err(printable(`switchyard-agent: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`))
  return errorCodes[error.code].exit
}

/** What others wrote may hold control characters, which a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, one => JSON.stringify(one).slice(1, -1))
}
