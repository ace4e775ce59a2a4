import type { Command } from 'commander'
import type { CardChange } from '../../fleet/index.ts'
import { parseHostId, parseName, parseReleaseReference, YardError } from '../../model/index.ts'
import { type Cli, withYard, type YardOptions } from '../context.ts'
import { reasonIn, tellHost } from '../host-text.ts'
import { parseUntil } from '../parse-until.ts'
import { yardCommand } from '../yard-command.ts'

interface Options extends YardOptions {
  lift?: boolean
  back?: boolean
  until?: string
  why?: string
}

const holdExample = `
switchyard host hold 00112233445566778899aabbccddeeff --why "a trial runs on it" --until 2026-12-31
switchyard host hold 00112233445566778899aabbccddeeff --lift`

export function holdHostCommand(cli: Cli): Command {
  return yardCommand('hold', 'keep a host where it is, until when or until that is lifted', holdExample)
    .argument('<host>', 'its id')
    .option('--until <day>', 'the last day, or a second in UTC')
    .option('--lift', 'it moves like the others again')
    .option('--why <text>', 'the reason, which stands on its card')
    .action((id: string, options: Options) => {
      const { lift, until, why } = options
      if (lift === true) return change(cli, options, id, { kind: 'unhold', why })
      const end = until === undefined ? {} : { until: parseUntil(until) }
      return change(cli, options, id, { kind: 'hold', ...end, why: reasonIn(why) })
    })
}

const borrowExample = `
switchyard host borrow 00112233445566778899aabbccddeeff web@20261121T070000Z --until 20261121T180000Z --why "try it"
switchyard host borrow 00112233445566778899aabbccddeeff --back`

export function borrowHostCommand(cli: Cli): Command {
  return yardCommand('borrow', 'have a host try a release that is signed for its channel', borrowExample)
    .argument('<host>', 'its id')
    .argument('[release]', 'TRAIN@RELEASE')
    .option('--until <day>', 'when it goes back by itself: the last day, or a second in UTC')
    .option('--back', 'it goes back now')
    .option('--why <text>', 'the reason, for the audit log')
    .action((id: string, release: string | undefined, options: Options) => {
      const { back, until, why } = options
      if (back === true) return change(cli, options, id, { kind: 'return', why })
      if (release === undefined || until === undefined)
        throw new YardError(
          'usage',
          'which release the host tries, or until when, is missing; nothing was changed',
          {
            hint: 'name TRAIN@RELEASE and --until, or --back',
          },
        )
      const { at } = parseReleaseReference(release)
      if (at === undefined)
        throw new YardError('usage', `${release} may be another one tomorrow; nothing was changed`, {
          hint: 'name the release: TRAIN@RELEASE',
        })
      return change(cli, options, id, {
        kind: 'borrow',
        release: at,
        until: parseUntil(until),
        why: reasonIn(why),
      })
    })
}

export function entitleHostCommand(cli: Cli): Command {
  return yardCommand(
    'entitle',
    'say what a host may have beyond its channel',
    'switchyard host entitle 00112233445566778899aabbccddeeff beta',
  )
    .argument('<host>', 'its id')
    .argument('[entitlement...]', 'all of them; none: nothing')
    .option('--why <text>', 'the reason, for the audit log')
    .action((id: string, names: string[], options: Options) =>
      change(cli, options, id, { kind: 'entitle', entitlements: names.map(parseName), why: options.why }),
    )
}

function change(cli: Cli, options: Options, id: string, change: CardChange): Promise<void> {
  return withYard(cli, options, async ({ yard }) =>
    tellHost(cli, options, await yard.changeHostCard(parseHostId(id), change)),
  )
}
