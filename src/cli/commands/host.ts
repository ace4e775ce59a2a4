import { type Command, Command as CommandGroup, Option } from 'commander'
import type { HostSummary } from '../../fleet/index.ts'
import {
  type HostState,
  hostStates,
  parseChannelReference,
  parseHostId,
  parseLabel,
} from '../../model/index.ts'
import { type Cli, printJson, withYard, type YardOptions } from '../context.ts'
import { labelsOf, parseCount, parsePlace } from '../host-arguments.ts'
import { labelsText, reasonIn, tellHost } from '../host-text.ts'
import { tableText } from '../text.ts'
import { yardCommand } from '../yard-command.ts'
import { borrowHostCommand, entitleHostCommand, holdHostCommand } from './host-card.ts'
import { hostTokenCommand } from './host-token.ts'

/** `host token|ls|show|label|move|hold|borrow|entitle|quarantine|revoke`: the machines that follow the yard's channels. */
export function hostCommand(cli: Cli): Command {
  return new CommandGroup('host')
    .summary('the machines that follow channels: who may become one, and what becomes of them')
    .description('the machines that follow channels: who may become one, and what becomes of them')
    .addCommand(hostTokenCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(showCommand(cli))
    .addCommand(labelCommand(cli))
    .addCommand(moveCommand(cli))
    .addCommand(holdHostCommand(cli))
    .addCommand(borrowHostCommand(cli))
    .addCommand(entitleHostCommand(cli))
    .addCommand(quarantineCommand(cli))
    .addCommand(revokeCommand(cli))
}

interface ListOptions extends YardOptions {
  state?: HostState
  label?: string[]
  after?: string
  limit: string
}

function listCommand(cli: Cli): Command {
  return yardCommand(
    'ls',
    'hosts, by id',
    'switchyard host ls web/production --label site=north --state quarantined',
  )
    .argument('[channel]', 'TRAIN or TRAIN/CHANNEL (default: all)')
    .addOption(new Option('--state <state>', 'only those').choices(hostStates))
    .option('--label <label...>', 'LABEL=VALUE, every one of which they have')
    .option('--after <host>', 'only ids behind this one')
    .option('--limit <count>', 'at most so many', '1000')
    .action((channel: string | undefined, options: ListOptions) =>
      withYard(cli, options, async ({ yard }) => {
        const limit = parseCount(options.limit)
        const hosts = await yard.hosts({
          ...(channel === undefined ? {} : parsePlace(channel)),
          ...(options.state === undefined ? {} : { state: options.state }),
          ...(options.after === undefined ? {} : { after: parseHostId(options.after) }),
          labels: labelsOf(options.label ?? []),
          limit,
        })
        if (options.json) return printJson(cli, hosts)
        if (hosts.length === 0) return cli.out('no hosts\n')
        cli.out(tableText([['HOST', 'STATE', 'CHANNEL', 'ENROLLED', 'LABELS'], ...hosts.map(rowOf)]))
        if (hosts.length === limit) cli.err(`there may be more: --after ${hosts.at(-1)!.id}\n`)
      }),
    )
}

function rowOf({ id, state, train, channel, enrolled, labels }: HostSummary): string[] {
  return [id, state, `${train}/${channel}`, enrolled, labelsText(labels)]
}

function showCommand(cli: Cli): Command {
  return yardCommand('show', 'one host', 'switchyard host show 00112233445566778899aabbccddeeff')
    .argument('<host>', 'its id')
    .action((id: string, options: YardOptions) =>
      withYard(cli, options, async ({ yard }) => tellHost(cli, options, await yard.host(parseHostId(id)))),
    )
}

const labelExample = `
switchyard host label 00112233445566778899aabbccddeeff site=north role=db
switchyard host label 00112233445566778899aabbccddeeff role-`

function labelCommand(cli: Cli): Command {
  return yardCommand('label', 'set labels of a host, or take them away', labelExample)
    .argument('<host>', 'its id')
    .argument('<label...>', 'LABEL=VALUE sets one, LABEL- takes it away')
    .option('--why <text>', 'the reason, for the audit log')
    .action((id: string, changes: string[], options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const labels = Object.fromEntries(changes.map(changeOf))
        tellHost(cli, options, await yard.labelHost(parseHostId(id), { labels, why: options.why }))
      }),
    )
}

function changeOf(text: string): [string, string | null] {
  if (text.endsWith('-') && !text.includes('=')) return [parseLabel(text.slice(0, -1)).label, null]
  const { label, value } = parseLabel(text)
  return [label, value]
}

const moveExample =
  'switchyard host move 00112233445566778899aabbccddeeff web/staging --why "it is a test machine"'

function moveCommand(cli: Cli): Command {
  return yardCommand('move', 'let a host belong to another channel from now on', moveExample)
    .argument('<host>', 'its id')
    .argument('<channel>', 'TRAIN/CHANNEL')
    .option('--why <text>', 'the reason, for the audit log')
    .action((id: string, to: string, options: YardOptions & { why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const { train, channel } = parseChannelReference(to)
        tellHost(cli, options, await yard.moveHost(parseHostId(id), { train, channel, why: options.why }))
      }),
    )
}

const quarantineExample = `
switchyard host quarantine 00112233445566778899aabbccddeeff --why "behaves oddly"
switchyard host quarantine 00112233445566778899aabbccddeeff --lift`

function quarantineCommand(cli: Cli): Command {
  return yardCommand('quarantine', 'tell a host nothing new, until that is lifted', quarantineExample)
    .argument('<host>', 'its id')
    .option('--lift', 'it is a host like the others again')
    .option('--why <text>', 'the reason, for whoever looks at it and the audit log')
    .action((text: string, options: YardOptions & { lift?: boolean; why?: string }) =>
      withYard(cli, options, async ({ yard }) => {
        const id = parseHostId(text)
        const { lift, why } = options
        tellHost(
          cli,
          options,
          await (lift === true
            ? yard.liftQuarantine(id, { why })
            : yard.quarantineHost(id, { why: reasonIn(why) })),
        )
      }),
    )
}

const revokeExample = 'switchyard host revoke 00112233445566778899aabbccddeeff --why stolen'

function revokeCommand(cli: Cli): Command {
  return yardCommand('revoke', 'let a machine be a host no more, for good', revokeExample)
    .argument('<host>', 'its id')
    .requiredOption('--why <text>', 'the reason, for whoever looks at it and the audit log')
    .action((id: string, options: YardOptions & { why: string }) =>
      withYard(cli, options, async ({ yard }) =>
        tellHost(cli, options, await yard.revokeHost(parseHostId(id), { why: reasonIn(options.why) })),
      ),
    )
}
