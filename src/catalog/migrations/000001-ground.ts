import type { Migration } from './migration.ts'

export const ground: Migration = {
  number: 1,
  name: 'ground',
  statements: ({ id, integer, text, strict }) => [
    `create table repository (
      id ${id},
      name ${text} not null unique,
      kind ${text} not null check (kind in ('mirror', 'compose')),
      created ${text} not null,
      last_timestamp ${text}
    )${strict}`,

    `create table snapshot (
      repository_id ${integer} not null references repository (id),
      timestamp ${text} not null,
      state ${text} not null check (state in ('listed', 'removing')),
      record ${text} not null,
      total_entries ${integer} not null,
      total_bytes ${integer} not null,
      local_entries ${integer} not null,
      local_bytes ${integer} not null,
      lost_entries ${integer} not null,
      lost_bytes ${integer} not null,
      primary key (repository_id, timestamp)
    )${strict}`,

    `create table package (
      id ${id},
      repository_id ${integer} not null references repository (id),
      family ${text} not null,
      suite ${text} not null,
      component ${text} not null,
      architecture ${text} not null,
      name ${text} not null,
      version ${text} not null,
      digest ${text} not null,
      size ${integer} not null,
      source ${text} not null,
      first ${text} not null,
      until ${text}
    )${strict}`,
    `create index package_by_name on package (name, version)`,
    `create index package_by_first on package (repository_id, first)`,
    `create index package_by_until on package (repository_id, until) where until is not null`,

    `create table content (
      id ${id},
      repository_id ${integer} not null references repository (id),
      digest ${text} not null,
      size ${integer} not null,
      state ${text} not null check (state in ('local', 'fetchable', 'lost')),
      entries ${integer} not null check (entries > 0),
      first ${text} not null,
      until ${text}
    )${strict}`,
    `create index content_by_digest on content (digest, repository_id)`,
    `create index content_by_first on content (repository_id, first)`,
    `create index content_by_until on content (repository_id, until) where until is not null`,
  ],
}
