import type { Migration } from './migration.ts'

/** Hosts, their certificates, and the tokens that let machines become hosts. Unlike snapshots they stand here alone. */
export const hosts: Migration = {
  number: 4,
  name: 'hosts',
  statements: ({ integer, text, strict }) => [
    `create table host_token (
      name ${text} not null primary key,
      digest ${text} not null,
      train ${text} not null,
      channel ${text} not null,
      labels ${text} not null,
      host ${text},
      uses ${integer} not null,
      used ${integer} not null check (used <= uses),
      created ${text} not null,
      created_by ${text} not null,
      expires ${text} not null,
      revoked ${text}
    )${strict}`,

    `create table host (
      id ${text} not null primary key,
      public ${text} not null unique,
      state ${text} not null check (state in ('enrolled', 'quarantined', 'revoked')),
      why ${text},
      train ${text} not null,
      channel ${text} not null,
      labels ${text} not null,
      rank_group ${text} not null,
      counter ${integer} not null,
      machine ${text} not null,
      boots ${text} not null,
      token ${text} not null,
      enrolled ${text} not null
    )${strict}`,
    `create index host_by_channel on host (train, channel, id)`,

    `create table host_certificate (
      serial ${text} not null primary key,
      host ${text} not null references host (id),
      authority ${text} not null,
      issued ${text} not null,
      expires ${text} not null,
      revoked ${text}
    )${strict}`,
    `create index host_certificate_by_host on host_certificate (host)`,
    `create index host_certificate_revoked on host_certificate (authority, expires) where revoked is not null`,
  ],
}
