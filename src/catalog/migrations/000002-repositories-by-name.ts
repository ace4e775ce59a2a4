import type { Migration } from './migration.ts'

/** What a repository is stands in the configuration and in its snapshots' records; nobody asked the database. */
export const repositoriesByName: Migration = {
  number: 2,
  name: 'repositories-by-name',
  statements: () => ['alter table repository drop column kind', 'alter table repository drop column created'],
}
