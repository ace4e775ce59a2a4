import type { Migration } from './migration.ts'

/** The audit log: rows are added, never changed or removed. */
export const audit: Migration = {
  number: 3,
  name: 'audit',
  statements: ({ integer, text, strict }) => [
    `create table audit (
      number ${integer} not null primary key,
      at ${text} not null,
      verb ${text} not null,
      subject ${text} not null,
      who ${text} not null,
      via ${text} not null,
      why ${text},
      detail ${text} not null,
      previous ${text} not null,
      digest ${text} not null
    )${strict}`,
    `create index audit_by_subject on audit (subject, number)`,
  ],
}
