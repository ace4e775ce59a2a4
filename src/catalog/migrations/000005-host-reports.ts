import type { Migration } from './migration.ts'

/** What hosts said last, and what the cards of some say beside their labels: one row a host, whatever happens. */
export const hostReports: Migration = {
  number: 5,
  name: 'host-reports',
  statements: ({ integer, text, strict }) => [
    `create table host_report (
      host ${text} not null primary key references host (id),
      counter ${integer} not null,
      recent ${text} not null,
      seen ${text} not null,
      notes ${text} not null,
      report ${text} not null
    )${strict}`,
    `create table host_card (
      host ${text} not null primary key references host (id),
      said ${text} not null
    )${strict}`,
  ],
}
