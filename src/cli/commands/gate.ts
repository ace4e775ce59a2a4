import type { Command } from 'commander'
import { type Name, parseName, YardError } from '../../model/index.ts'
import type { KeptEvidence } from '../../train/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { printable } from '../text.ts'
import { doneLine, verdictLines } from '../verdict-text.ts'
import { yardCommand } from '../yard-command.ts'

interface GateOptions extends YardOptions {
  channel?: string
  show?: string
  kept?: boolean
  anew?: boolean
}

const example = `
switchyard gate web@20261121T070000Z                              # for every channel of the train
switchyard gate web --channel production                          # the newest release, for one
switchyard gate web --channel production --show closure           # all that it found, as it is kept`

export function gateCommand(cli: Cli): Command {
  return yardCommand('gate', 'have a release judged by the gates of its channels; nothing is moved', example)
    .argument('<release>', 'TRAIN@RELEASE, TRAIN or TRAIN@latest')
    .option('--channel <channel>', 'for this one (default: for every channel of the train)')
    .option('--anew', 'also by gates whose evidence still counts')
    .option('--kept', 'judge nothing, show the evidence that is kept')
    .option('--show <gate>', 'judge nothing, print what this gate said, found and wrote; needs --channel')
    .action((release: string, options: GateOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const channel = options.channel === undefined ? undefined : parseName(options.channel)
        if (options.show !== undefined)
          return cli.out(printable(await yard.verdict(release, needed(channel), options.show)))
        if (options.kept === true) {
          const kept = await yard.evidence(release, { channel })
          return options.json ? printJson(cli, kept) : cli.out(keptText(kept))
        }
        const judged = await yard.gate(release, {
          channel,
          anew: options.anew ?? false,
          signal: cli.signal,
          onVerdict: cli.terminal ? verdict => cli.err(doneLine(verdict)) : undefined,
        })
        if (options.json) printJson(cli, judged)
        else
          for (const { train, release, channel, against, verdicts } of judged) {
            const from = against === undefined ? 'which has none yet' : `which is at ${train}@${against}`
            cli.out(`${train}@${release} for ${train}/${channel}, ${from}\n`)
            for (const verdict of verdicts) cli.out(`${verdictLines(verdict).join('\n')}\n`)
          }
        const all = judged.flatMap(({ verdicts }) => verdicts)
        cli.setExitStatus(all.every(({ evidence }) => evidence.passed) ? 0 : 3)
      }),
    )
}

/** By channel, in the order in which they come. */
function keptText(kept: readonly KeptEvidence[]): string {
  const channels = Map.groupBy(kept, one => ('problem' in one ? one.channel : one.evidence.channel))
  return [...channels]
    .flatMap(([channel, all]) => [
      `for ${channel}`,
      ...all.flatMap(one =>
        'problem' in one ? [`  DAMAGED  ${one.label}: ${printable(one.problem)}`] : verdictLines(one),
      ),
    ])
    .map(line => `${line}\n`)
    .join('')
}

function needed(channel: Name | undefined): Name {
  if (channel !== undefined) return channel
  throw new YardError('usage', 'a gate judges for a channel: which one?', { hint: 'name it with --channel' })
}
