import { z } from 'zod'
import type { Yard } from '../../yard/index.ts'
import { component, error } from './component.ts'

const planItem = component(
  'PlanItem',
  z
    .looseObject({ kind: z.string().describe('`cut`, `promotion`, `rollback`, or what stands open') })
    .describe('One difference between what is declared, what is locked and what is'),
)

export const plan = component<{ items: Awaited<ReturnType<Yard['plan']>> }>(
  'Plan',
  z.looseObject({ items: z.array(planItem) }),
)

export const applyReport = component<Awaited<ReturnType<Yard['apply']>>>(
  'ApplyReport',
  z.looseObject({
    steps: z.array(
      z.looseObject({
        step: planItem,
        outcome: z
          .enum(['done', 'staged', 'failed', 'skipped'])
          .describe("`staged`: it waits for people's signatures"),
        error: error.optional(),
      }),
    ),
    open: z.array(planItem).describe('What differs still and no step can change'),
  }),
)

export const lockReport = component<Awaited<ReturnType<Yard['lock']>>>(
  'LockReport',
  z.looseObject({ file: z.string(), outcome: z.enum(['written', 'unchanged']) }),
)
