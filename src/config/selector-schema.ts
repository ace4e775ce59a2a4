import { shortOrLong } from './alternatives.ts'
import type { AdvisoryRespects, Selector } from './configuration.ts'
import { exactlyOne } from './exactly-one.ts'
import { object, optional } from './object.ts'
import type { Place } from './problem.ts'
import { choice, mapped, type Reading, type Shape, text } from './shape.ts'
import { glob } from './values.ts'

const word = text('a word', value => (/^[^\s\p{Cc}]{1,200}$/u.test(value) ? value : undefined))

const day = text('a day such as `2026-11-21`', value => (isDay(value) ? value : undefined))

/** `Date` alone takes the 30th of February for the 2nd of March. */
function isDay(value: string): boolean {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(value) ? value : Number.NaN)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
}

const moduleStream = text(
  'a module and its stream such as `nodejs:20`, or a module alone for its default stream',
  value => (/^[\w.+-]{1,100}(:[\w.+-]{1,100})?$/.test(value) ? value : undefined),
)

const advisoryTable = {
  id: optional(word, 'Its name, such as `EXAMPLE-2026-0001`.'),
  type: optional(choice('security', 'bugfix', 'enhancement', 'newpackage'), 'What kind it is.'),
  severity: optional(choice('Critical', 'Important', 'Moderate', 'Low', 'None'), 'How grave it is.'),
  since: optional(day, 'Issued or updated on this day (UTC) or later.'),
  until: optional(day, 'Issued before this day (UTC).'),
}

const advisory = shortOrLong<AdvisoryRespects>(
  mapped(word, id => ({ id })),
  object('a map that describes advisories', advisoryTable, checkAdvisory),
)

function checkAdvisory(fields: AdvisoryRespects, place: Place, reading: Reading): void {
  const { since, until } = fields
  if (Object.values(fields).every(field => field === undefined))
    reading.report({ place, found: 'an empty map', expected: 'at least one key that describes advisories' })
  if (since !== undefined && until !== undefined && since >= until)
    reading.report({ place, found: '`until` that is not after `since`', expected: 'a later day' })
}

const selectorTable = {
  source: optional(glob, 'A glob over names of source packages: all that was built from them.'),
  module: optional(moduleStream, 'dnf only. `NAME:STREAM`, or `NAME` for its default stream.'),
  group: optional(word, 'dnf only. Id of a group or an environment of comps.xml, but for optional packages.'),
  advisory: optional(
    advisory,
    'dnf only. The packages of advisories. An id alone is short for `{ id: ID }`; with more keys an advisory has to fit in every respect.',
  ),
}

const kinds = Object.keys(selectorTable)

/** What `include` and `exclude` list: a glob over package names, or a map with one key. */
export const selector: Shape<Selector> = shortOrLong<Selector>(
  mapped(glob, glob => ({ kind: 'package', glob })),
  mapped(
    object('a map with one key', selectorTable, (fields, place, reading) =>
      exactlyOne(kinds, fields, place, reading),
    ),
    ({ source, module, group, advisory }): Selector | undefined => {
      if (source !== undefined) return { kind: 'source', glob: source }
      if (group !== undefined) return { kind: 'group', id: group }
      if (advisory !== undefined) return { kind: 'advisory', ...advisory }
      return module === undefined ? undefined : moduleSelector(module)
    },
  ),
)

function moduleSelector(text: string): Selector {
  const [name, stream] = text.split(':')
  return { kind: 'module', name: name!, stream }
}
