import type { Command } from 'commander'
import { YardError } from '../../model/index.ts'
import type { CeremonyReport } from '../../yard/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { readBounded } from '../read-bounded.ts'
import { haltWords, requestWords } from '../request-text.ts'
import { roleText, statementsText } from '../statements-text.ts'
import { printable } from '../text.ts'
import { yardCommand } from '../yard-command.ts'

export function showStatementsCommand(cli: Cli): Command {
  return yardCommand(
    'show',
    'who signs what hosts act on, and how long it is good',
    'switchyard trust show',
  ).action((options: YardOptions) =>
    withYard(cli, options, async ({ yard }) => {
      const state = await yard.statements()
      if (options.json) return printJson(cli, state)
      const { keyText } = await import('../../trust/index.ts')
      cli.out(statementsText(state, keyText))
    }),
  )
}

const stagedExample = `
switchyard trust staged                        # what waits, in words, and for whom
switchyard trust staged --out request.json     # for the machines on which people sign`

export function stagedCommand(cli: Cli): Command {
  return yardCommand('staged', 'what waits for signatures of people', stagedExample)
    .option('--out <file>', 'write a request that `switchyard sign` signs')
    .action((options: YardOptions & { out?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const request = await yard.requestSignatures()
        const trust = await import('../../trust/index.ts')
        if (request === undefined && options.out !== undefined)
          throw new YardError('not-found', 'nothing waits for signatures; nothing was written')
        if (request !== undefined && options.out !== undefined) {
          const { resolve } = await import('node:path')
          const file = resolve(cli.workingDirectory, options.out)
          await trust.writeDurably(file, trust.requestText(request), 0o644)
        }
        if (options.json) return printJson(cli, request ?? {})
        if (request === undefined) return cli.out('nothing waits for signatures\n')
        cli.out(requestWords(trust.meaningsOf(request), trust.signaturesOf(request), trust.keyText))
      }),
    )
}

export function withdrawCommand(cli: Cli): Command {
  return yardCommand('withdraw', 'forget a change that waits for signatures', 'switchyard trust withdraw 3')
    .argument('<change>', 'its number, as `trust staged` shows it')
    .option('--why <text>', 'the reason, for the audit log')
    .action((text: string, options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const change = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0
        await yard.withdraw(change, { why: options.why })
        if (options.json) printJson(cli, { withdrawn: change })
        else cli.out(`change ${change} waits no more\n`)
      }),
    )
}

const submitExample = `
switchyard trust submit ada.json ben.json
switchyard trust submit halt.json --server https://yard.example.org`

export function submitCommand(cli: Cli): Command {
  return yardCommand('submit', 'bring back what people signed, or halts', submitExample)
    .argument('<file...>', 'from `switchyard sign --out` or `switchyard stop --out`')
    .option('--why <text>', 'the reason, for the audit log')
    .action((files: string[], options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const { maximumRequestBytes } = await import('../../trust/index.ts')
        for (const file of files) {
          const text = await readBounded(cli, file, maximumRequestBytes)
          const report = await yard.submit(text, { why: options.why })
          if (report.refused.length + report.unheard.length > 0) cli.setExitStatus(4)
          if (options.json) printJson(cli, report)
          else cli.out(reportText(report))
        }
      }),
    )
}

function reportText({ halts, unheard, published, moved, kept, refused }: CeremonyReport): string {
  const lines = [
    ...halts.map(halt => haltWords(halt).trimEnd()),
    ...unheard.map(
      channel =>
        `${channel}: NOT STOPPED: later halts were lifted there; stop it again on a machine whose clock is right`,
    ),
    ...(published === undefined ? [] : [`published, as timestamp ${published}`]),
    ...moved.map(({ train, channel, release }) => `${train}/${channel}  is at ${train}@${release} now`),
    ...kept.map(role => `${roleText(role)}: kept, and waits for more signatures`),
    ...refused.map(({ role, why }) => `${roleText(role)}: REFUSED: ${why}`),
  ]
  return printable(`${lines.length === 0 ? 'nothing new' : lines.join('\n')}\n`)
}
