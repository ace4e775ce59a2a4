import type { Command } from 'commander'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { isThin, overlayText } from '../overlay-text.ts'
import { yardCommand } from '../yard-command.ts'

interface OverlayOptions extends YardOptions {
  check?: boolean
}

const example = `
switchyard overlay web
switchyard overlay web --check          # in CI: exit status 3 when upstream has caught up with any of ours`

export function overlayCommand(cli: Cli): Command {
  return yardCommand(
    'overlay',
    "packages of ours that shadow upstream's in a train's newest release, and whether they still need to",
    example,
  )
    .argument('<train>', 'TRAIN, TRAIN@RELEASE or TRAIN/CHANNEL')
    .option('--check', 'exit status 3 when upstream has caught up with a package of ours, or passed it')
    .action((train: string, options: OverlayOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const report = await yard.overlay(train)
        if (options.json) printJson(cli, report)
        else cli.out(overlayText(report))
        if (options.check && !isThin(report)) cli.setExitStatus(3)
      }),
    )
}
