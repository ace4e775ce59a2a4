import type { HostDetail } from '../fleet/index.ts'
import { type Labels, YardError } from '../model/index.ts'
import { type Cli, printJson, type YardOptions } from './context.ts'
import { printable, tableText } from './text.ts'

/** Prints what became of a host. */
export function tellHost(cli: Cli, options: YardOptions, host: HostDetail): void {
  if (options.json) printJson(cli, host)
  else cli.out(hostText(host))
}

function hostText(host: HostDetail): string {
  const { id, state, why, train, channel, labels, token, enrolled, rankGroup, certificates } = host
  const rows = [
    ['host', id],
    ['state', why === undefined ? state : `${state}: ${printable(why)}`],
    ['channel', `${train}/${channel}`],
    ['labels', labelsText(labels)],
    ...(rankGroup === id ? [] : [['rank group', printable(rankGroup)]]),
    ...cardRows(host),
    ['enrolled', `${enrolled} by the token ${token}`],
    ...certificates.map(({ serial, expires, revoked }) => [
      'certificate',
      `${serial} ${revoked === undefined ? `until ${expires}` : `revoked ${revoked}`}`,
    ]),
    ...saidRows(host),
  ]
  return tableText(rows)
}

function cardRows({ train, card: { hold, borrowing, entitlements } }: HostDetail): string[][] {
  const rows: string[][] = []
  if (hold !== undefined)
    rows.push(['held', `${untilText(hold.until)} by ${printable(hold.who)}: ${printable(hold.why)}`])
  if (borrowing !== undefined)
    rows.push([
      'borrowed',
      `for ${train}@${borrowing.release.release} until ${borrowing.until} by ${printable(borrowing.who)}`,
    ])
  if (entitlements.length > 0) rows.push(['entitled to', entitlements.join(' ')])
  return rows
}

function saidRows({ train, said }: HostDetail): string[][] {
  if (said === undefined) return [['last seen', 'never: it has not reported yet']]
  const { seen, notes, report } = said
  const { kind, release, reason } = report
  return [
    ['last seen', `${seen}${notes.length === 0 ? '' : ` (${notes.map(printable).join(', ')})`}`],
    [
      'says',
      reason === undefined ? kind : `${kind}, ${printable(reason.word)}: ${printable(reason.sentence)}`,
    ],
    ...(release === undefined ? [] : [['is on', `${train}@${release.release}`]]),
  ]
}

function untilText(until: string | undefined): string {
  return until === undefined ? 'until further notice' : `until ${until}`
}

export function labelsText(labels: Labels): string {
  return printable(
    Object.entries(labels)
      .map(([label, value]) => (value === '' ? label : `${label}=${value}`))
      .join(' '),
  )
}

/** @throws YardError `usage` when somebody gave none. */
export function reasonIn(why: string | undefined): string {
  if (why !== undefined && why.trim() !== '') return why
  throw new YardError('usage', 'a reason is missing; nothing was changed', { hint: 'add --why "..."' })
}
