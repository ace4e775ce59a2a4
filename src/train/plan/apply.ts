import { type LockedState, nearestName } from '../../config/index.ts'
import { type ErrorCode, isYardError, type Name, YardError } from '../../model/index.ts'
import type { TrainContext } from '../context.ts'
import { labelsOf } from '../judge-release.ts'
import { type PromoteOptions, promote } from '../promote.ts'
import { rollback } from '../rollback.ts'
import { plan } from './plan.ts'
import { isOpen, isStep, type OpenItem, type PlanStep } from './plan-item.ts'
import { readPlanState } from './read-plan-state.ts'
import { recreateRelease } from './recreate-release.ts'

export interface ApplyOptions {
  why?: string | undefined
  /** Gates, by their labels, past which releases go though they refuse; needs `why`. */
  override?: string[] | undefined
  /** Told of each gate's verdict as it comes. */
  onVerdict?: PromoteOptions['onVerdict']
  /** Nothing is begun any more once it fires. */
  signal?: AbortSignal | undefined
}

export interface ApplyReport {
  /** In the order of the plan. A step is skipped when one that it rests on failed. */
  steps: AppliedStep[]
  /** What differs still and no step can change. */
  open: OpenItem[]
}

export interface AppliedStep {
  step: PlanStep
  /** `staged`: it waits for people's signatures. */
  outcome: 'done' | 'staged' | 'failed' | 'skipped'
  error?: { code: ErrorCode; message: string; hint?: string }
}

/**
 * Makes real what is locked: cuts the releases that the lock names and that can be made of what is here, and moves the
 * channels, past their gates where they go forward. One step's failure stops only those that rest on it.
 * @throws YardError `damaged` when a ref cannot be read; `usage` for an override of what is no gate on the way. Whatever a step
 *   throws is in the report.
 */
export async function apply(
  context: TrainContext,
  lock: LockedState | undefined,
  options: ApplyOptions = {},
): Promise<ApplyReport> {
  const steps = plan(await readPlanState(context, lock)).filter(isStep)
  checkOnTheWay(context, steps, options.override ?? [])
  const applied: AppliedStep[] = []
  for (const step of steps) {
    const isStopped =
      options.signal?.aborted === true ||
      applied.some(({ outcome, step: before }) => outcome !== 'done' && restsOn(context, step, before))
    applied.push(
      isStopped ? { step, outcome: 'skipped' } : await attempt(step, () => take(context, step, options)),
    )
  }
  return { steps: applied, open: plan(await readPlanState(context, lock)).filter(isOpen) }
}

async function take(
  context: TrainContext,
  step: PlanStep,
  { why, override = [], onVerdict, signal }: ApplyOptions,
): Promise<'done' | 'staged'> {
  if (step.kind === 'cut') {
    await recreateRelease(context, step)
    return 'done'
  }
  const { train, channel, from, to, kind } = step
  const release = `${train}@${to}`
  if (kind === 'rollback') {
    const { outcome } = await rollback(context, { train, channel }, { to: release, expected: from, why })
    return outcome === 'staged' ? 'staged' : 'done'
  }
  const labels = gatesOf(context, step)
  const { outcome } = await promote(
    context,
    { train, channel },
    {
      release,
      expected: from,
      why,
      override: override.filter(gate => labels.includes(gate)),
      onVerdict,
      signal,
    },
  )
  return outcome === 'staged' ? 'staged' : 'done'
}

function gatesOf({ configuration }: TrainContext, step: PlanStep): string[] {
  return step.kind === 'promotion'
    ? labelsOf(configuration.trains.get(step.train)!.channels.get(step.channel)!)
    : []
}

/** Each promotion is asked for the overrides of its own gates alone. */
function checkOnTheWay(context: TrainContext, steps: PlanStep[], override: string[]): void {
  const labels = new Set(steps.flatMap(step => gatesOf(context, step)))
  const unknown = override.find(gate => !labels.has(gate))
  if (unknown === undefined) return
  const nearest = nearestName(unknown, labels)
  throw new YardError(
    'usage',
    `${unknown} is no gate that something would have to pass; nothing was changed`,
    {
      hint: nearest === undefined ? '`switchyard plan` shows them' : `did you mean ${nearest}?`,
    },
  )
}

async function attempt(step: PlanStep, work: () => Promise<'done' | 'staged'>): Promise<AppliedStep> {
  try {
    return { step, outcome: await work() }
  } catch (error) {
    if (!isYardError(error)) throw error
    return { step, outcome: 'failed', error: told(error) }
  }
}

function told({ code, message, hint }: YardError): NonNullable<AppliedStep['error']> {
  return { code, message, ...(hint === undefined ? {} : { hint }) }
}

function restsOn(context: TrainContext, step: PlanStep, before: PlanStep): boolean {
  if (step.kind === 'cut' || step.train !== before.train) return false
  if (before.kind === 'cut') return step.to === before.release
  return (
    step.channel === before.channel ||
    (step.to === before.to && comesAfter(context, step.train, step.channel, before.channel))
  )
}

function comesAfter({ configuration }: TrainContext, train: Name, channel: Name, other: Name): boolean {
  const channels = configuration.trains.get(train)!.channels
  for (let at = channels.get(channel)?.after; at !== undefined; at = channels.get(at)?.after)
    if (at === other) return true
  return false
}
