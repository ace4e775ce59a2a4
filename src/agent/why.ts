import { type Name, timestampOf } from '../model/index.ts'
import type { Judgement } from './judgement.ts'
import type { Known } from './known.ts'
import type { PlaceFinding } from './memory.ts'

/** Why this host is or is not updating now, on one screen of 80 by 24. */
export function whyText(known: Known, judgement: Judgement): string {
  const { may, word, sentence, hint } = judgement
  const headline = may ? `This host may update now: ${word}` : `This host is not updating now: ${word}`
  const lines = [
    headline,
    ...wrapped(sentence, '  '),
    ...(hint === undefined ? [] : ['', ...wrapped(`What to do: ${hint}`, '')]),
    '',
    ...factLines(known),
  ]
  return `${onScreen(lines).join('\n')}\n`
}

/** What is known, a fact a line. */
export function statusText(known: Known, judgement: Judgement): string {
  const { identity } = known
  const who =
    identity === undefined
      ? []
      : [
          fact('Host', `${identity.host}, enrolled ${identity.enrolled}`),
          fact('Server', identity.server),
          fact('Certificate', `until ${timestampOf(identity.validity.to)}`),
        ]
  const { may, word, sentence } = judgement
  return `${[...who, ...factLines(known), fact('Now', `${may ? 'may update' : 'stands still'}: ${word}`), ...wrapped(sentence, indent)].join('\n')}\n`
}

/** The same for programs. */
export function statusJson(known: Known, judgement: Judgement): string {
  const { identity, trusted, card, memory, freshness, waiting } = known
  const standing = trusted?.standing
  return `${JSON.stringify(
    {
      enrolled: identity !== undefined,
      ...(identity && {
        host: identity.host,
        server: identity.server,
        certificate: { until: timestampOf(identity.validity.to) },
      }),
      ...(identity && { follows: memory.follows ?? { train: identity.train, channel: identity.channel } }),
      ...(standing && {
        statements: {
          version: standing.timestamp,
          freshness,
          expires: timestampOf(standing.expires),
          departures: standing.departures,
          rollout: standing.rollout,
        },
      }),
      ...(trusted?.halt && { halt: trusted.halt.halt }),
      ...(card && { card }),
      ...(memory.check && { check: memory.check }),
      ...(memory.renewal !== undefined && { renewal: memory.renewal }),
      waitingReports: waiting,
      judgement,
    },
    undefined,
    2,
  )}\n`
}

function factLines(known: Known): string[] {
  const { identity, trusted, memory, freshness, now, waiting } = known
  if (identity === undefined) return []
  const { train, channel } = memory.follows ?? identity
  const { check, renewal } = memory
  return [
    ...channelLines(train, channel, trusted),
    ...(trusted?.standing === undefined
      ? []
      : [
          fact(
            'Statements',
            `${freshness}, until ${timestampOf(trusted.standing.expires)} (version ${trusted.standing.timestamp})`,
          ),
        ]),
    fact('Last check', check === undefined ? 'never' : `${check.at}, ${agoText(now, check.at)}`),
    ...(check?.places ?? []).flatMap(placeLines),
    ...(check?.server === undefined ? [] : wrapped(`server: ${check.server.sentence}`, indent)),
    ...(waiting === 0 ? [] : [fact('Reports', `${waiting} wait for the server`)]),
    ...(renewal === undefined
      ? []
      : [
          fact('Certificate', `until ${timestampOf(identity.validity.to)}, not renewed:`),
          ...wrapped(renewal, indent),
        ]),
  ]
}

function channelLines(train: Name, channel: Name, trusted: Known['trusted']): string[] {
  const follows = fact('Follows', `${train}/${channel}`)
  if (trusted?.standing === undefined) return [follows]
  const { departures, rollout } = trusted.standing
  return [
    fact('Follows', `${train}/${channel}, on ${departures.release.release} since ${departures.moved}`),
    fact('Rollout', `of ${rollout.release.release}, ${rollout.state}`),
  ]
}

function placeLines({ url, finding, sentence }: PlaceFinding): string[] {
  const first = `${indent}${url}: ${finding}`
  return sentence === undefined ? [first] : [first, ...wrapped(sentence, `${indent}  `)]
}

function agoText(now: number, at: string): string {
  const minutes = Math.round(
    (now - Date.parse(at.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))) / 60_000,
  )
  if (minutes < 0) return 'by a clock that was ahead of this one'
  if (minutes < 120) return `${minutes} minutes ago`
  return minutes < 48 * 60
    ? `${Math.round(minutes / 60)} hours ago`
    : `${Math.round(minutes / 1440)} days ago`
}

const indent = ' '.repeat(13)
const columns = 80
const rows = 24

function fact(name: string, value: string): string {
  return `${name.padEnd(indent.length)}${value}`
}

/** Words into lines of the screen; a word that is longer than one stays whole, to be copied. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`${indent}${word}`)
  }
  return lines
}

/** Cut where there is more than a screen: what matters most comes first. */
function onScreen(lines: string[]): string[] {
  if (lines.length < rows) return lines
  return [...lines.slice(0, rows - 2), `... ${lines.length - rows + 2} lines more: switchyard-agent status`]
}
