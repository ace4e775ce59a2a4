import type { z } from 'zod'
import { comparisonRoutes } from './comparison-routes.ts'
import { hostRoutes } from './host-routes.ts'
import { judgingRoutes } from './judging-routes.ts'
import { planRoutes } from './plan-routes.ts'
import type { Input, Route } from './route.ts'
import { snapshotRoutes } from './snapshot-routes.ts'
import { statementRoutes } from './statement-routes.ts'
import { statusRoutes } from './status-routes.ts'
import { trainRoutes } from './train-routes.ts'
import { upkeepRoutes } from './upkeep-routes.ts'

export type { Route } from './route.ts'

export const apiPrefix = '/api/v1'

/** All that can be asked over HTTP, by operation. Whatever changes something has a right. */
export const routes = {
  ...snapshotRoutes,
  ...comparisonRoutes,
  ...trainRoutes,
  ...judgingRoutes,
  ...planRoutes,
  ...statementRoutes,
  ...statusRoutes,
  ...upkeepRoutes,
  ...hostRoutes,
}

export type Routes = typeof routes
export type Operation = keyof Routes

type PartsOf<O extends Operation> =
  Routes[O] extends Route<infer P, infer Q, infer B, infer A> ? { P: P; Q: Q; B: B; A: A } : never

/** What a handler is given. */
export type InputOf<O extends Operation> = Input<
  z.output<PartsOf<O>['P']>,
  z.output<PartsOf<O>['Q']>,
  z.output<PartsOf<O>['B']>
>

/** What a client says. */
export type RequestOf<O extends Operation> = Partial<
  Input<z.input<PartsOf<O>['P']>, z.input<PartsOf<O>['Q']>, z.input<PartsOf<O>['B']>>
>

/** What the yard answers, before it is encoded and after it is decoded. */
export type AnswerOf<O extends Operation> = PartsOf<O>['A']

/** Whatever is known of no operation in particular. */
export function routeOf(operation: Operation): Route {
  return routes[operation] as unknown as Route
}
