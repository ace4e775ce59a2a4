import type { ColumnTypes } from '../dialect/database.ts'

/** One step of the schema. Once released it never changes; a correction is a new step. */
export interface Migration {
  number: number
  name: string
  statements(types: ColumnTypes): string[]
}
