CREATE TABLE audit (
      number integer not null primary key,
      at text not null,
      verb text not null,
      subject text not null,
      who text not null,
      via text not null,
      why text,
      detail text not null,
      previous text not null,
      digest text not null
    ) strict;

CREATE TABLE content (
      id integer primary key,
      repository_id integer not null references repository (id),
      digest text not null,
      size integer not null,
      state text not null check (state in ('local', 'fetchable', 'lost')),
      entries integer not null check (entries > 0),
      first text not null,
      until text
    ) strict;

CREATE TABLE migration (number integer primary key, name text not null) strict;

CREATE TABLE package (
      id integer primary key,
      repository_id integer not null references repository (id),
      family text not null,
      suite text not null,
      component text not null,
      architecture text not null,
      name text not null,
      version text not null,
      digest text not null,
      size integer not null,
      source text not null,
      first text not null,
      until text
    ) strict;

CREATE TABLE repository (
      id integer primary key,
      name text not null unique,
      last_timestamp text
    ) strict;

CREATE TABLE snapshot (
      repository_id integer not null references repository (id),
      timestamp text not null,
      state text not null check (state in ('listed', 'removing')),
      record text not null,
      total_entries integer not null,
      total_bytes integer not null,
      local_entries integer not null,
      local_bytes integer not null,
      lost_entries integer not null,
      lost_bytes integer not null,
      primary key (repository_id, timestamp)
    ) strict;

CREATE INDEX audit_by_subject on audit (subject, number);

CREATE INDEX content_by_digest on content (digest, repository_id);

CREATE INDEX content_by_first on content (repository_id, first);

CREATE INDEX content_by_until on content (repository_id, until) where until is not null;

CREATE INDEX package_by_first on package (repository_id, first);

CREATE INDEX package_by_name on package (name, version);

CREATE INDEX package_by_until on package (repository_id, until) where until is not null;
