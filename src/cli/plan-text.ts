import type { ApplyReport } from '../train/index.ts'
import { isOpen, isStep, type OpenItem, type PlanItem, type PlanNote, type PlanStep } from '../train/index.ts'
import { countText, printable } from './text.ts'

/** A plan for a person: what `apply` would do, what it cannot, what is worth knowing; a line each. */
export function planText(items: readonly PlanItem[]): string {
  const steps = items.filter(isStep)
  const open = items.filter(isOpen)
  const notes = items.filter((item): item is PlanNote => !isStep(item) && !isOpen(item))
  const counts = [
    ...(steps.length === 0 ? [] : [`${countText(steps.length, 'step')} for \`switchyard apply\``]),
    ...(open.length === 0 ? [] : [`${countText(open.length, 'thing')} that \`switchyard apply\` cannot do`]),
  ]
  return [
    ...steps.map(stepLine),
    ...open.map(item => `! ${openLine(item)}`),
    ...notes.map(item => `note: ${noteLine(item)}`),
    counts.length === 0 ? nothingToDo : counts.join(', '),
  ]
    .map(line => `${printable(line)}\n`)
    .join('')
}

const outcomes = { done: '', staged: 'waits for signatures: ', failed: 'FAILED: ', skipped: 'not done: ' }

/** What was done, what failed and why, and what is left. */
export function applyText({ steps, open }: ApplyReport): string {
  const lines = steps.flatMap(({ step, outcome, error }) => [
    `${outcomes[outcome]}${stepLine(step)}`,
    ...(error === undefined
      ? []
      : [error.message, ...(error.hint === undefined ? [] : [error.hint])].map(indented)),
  ])
  const nothing = steps.length + open.length === 0 ? [nothingToDo] : []
  return [...lines, ...open.map(item => `! ${openLine(item)}`), ...nothing]
    .map(line => `${printable(line)}\n`)
    .join('')
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ')
}

const nothingToDo = 'nothing to do: the yard is as the files say'

function stepLine(step: PlanStep): string {
  if (step.kind === 'cut') {
    const snapshots = Object.values(step.snapshots).map(
      ({ repository, timestamp }) => `${repository}@${timestamp}`,
    )
    return `+ ${step.train}@${step.release}  cut it from ${snapshots.join(', ')}`
  }
  const { kind, train, channel, from, to, gates, undoes } = step
  const before = from === undefined ? '' : `${train}@${from} -> `
  const past = gates.length === 0 ? '' : ` past ${gates.join(', ')}`
  const why = undoes?.why === undefined ? '' : ` ("${undoes.why}")`
  const undone =
    undoes === undefined ? '' : `; this takes back the rollback of ${undoes.moved} by ${undoes.who}${why}`
  return `${kind === 'promotion' ? '>' : '<'} ${train}/${channel}  ${before}${train}@${to}  ${kind}${past}${undone}`
}

function openLine(item: OpenItem): string {
  switch (item.kind) {
    case 'never-synced':
      return `${item.repository}  has no snapshot yet: run \`switchyard sync ${item.repository}\``
    case 'missing-snapshots': {
      const missing = item.missing.map(({ snapshot, files, packages, snapshotCount }) => {
        const others = snapshotCount === 0 ? 'none is here' : `${countText(snapshotCount, 'other')} here`
        return `${snapshot.repository}@${snapshot.timestamp} (files ${files.slice(0, 12)}, packages ${packages.slice(0, 12)}; ${others})`
      })
      const isDerived = item.missing.some(({ repository, snapshot }) => snapshot.repository !== repository)
      const advice = isDerived ? 'make the same bump or hold here' : 'sync from where that can still be had'
      return `${item.train}@${item.release}  cannot be made here: no snapshot holds what ${missing.join(' and ')} does; ${advice}`
    }
    case 'different-release':
      return `${item.train}@${item.release}  holds something else here than the lock file says, in ${item.repositories.join(', ')}`
    case 'future-release':
      return `${item.train}@${item.release}  lies in the future and is not cut`
    case 'lost-snapshots': {
      const lost = item.snapshots.map(({ repository, timestamp }) => `${repository}@${timestamp}`)
      return `${item.train}@${item.release}  has lost ${lost.join(', ')}: run \`switchyard fsck --repair\``
    }
    case 'not-before':
      return `${item.train}/${item.channel}  may not have ${item.train}@${item.release}, which has not been in ${item.train}/${item.after}`
    case 'unlocked-channel':
      return `${item.train}/${item.channel}  is at ${item.train}@${item.release}, and the lock file does not say so: run \`switchyard lock\``
  }
}

function noteLine(item: PlanNote): string {
  switch (item.kind) {
    case 'no-lock':
      return 'there is no switchyard.lock.yaml: `switchyard lock` writes where the channels stand'
    case 'undeclared-repository':
      return `${item.repository} is not declared any more; its ${countText(item.snapshotCount, 'snapshot')} ${item.snapshotCount === 1 ? 'stays' : 'stay'} until \`switchyard rm ${item.repository}\``
    case 'undeclared-train':
      return `the train ${item.train} is not declared any more; what it serves stays`
    case 'undeclared-channel':
      return `${item.train}/${item.channel} is not declared any more; it still serves ${item.train}@${item.release}`
    case 'not-released':
      return `the train ${item.train} has no release yet: run \`switchyard release ${item.train}\``
    case 'not-moved':
      return `${item.train}/${item.channel} has never been promoted to`
    case 'expired-hold': {
      const { package: pattern, channel, until, who, why } = item.hold
      const place = channel === undefined ? item.train : `${item.train}/${channel}`
      return `THE HOLD of ${pattern} in ${place} expired at ${until} and holds no more (${who}: ${why}): renew it with \`switchyard hold\`, or run \`switchyard unhold ${place} ${pattern}\``
    }
    case 'gates-changed': {
      const changes = [...item.added.map(gate => `+${gate}`), ...item.removed.map(gate => `-${gate}`)]
      return `${item.train}/${item.channel} is at ${item.train}@${item.release}, which was cut for other gates (${changes.join(' ')})`
    }
  }
}
