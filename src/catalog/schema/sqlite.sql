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

CREATE TABLE host (
      id text not null primary key,
      public text not null unique,
      state text not null check (state in ('enrolled', 'quarantined', 'revoked')),
      why text,
      train text not null,
      channel text not null,
      labels text not null,
      rank_group text not null,
      counter integer not null,
      machine text not null,
      boots text not null,
      token text not null,
      enrolled text not null
    ) strict;

CREATE TABLE host_card (
      host text not null primary key references host (id),
      said text not null
    ) strict;

CREATE TABLE host_certificate (
      serial text not null primary key,
      host text not null references host (id),
      authority text not null,
      issued text not null,
      expires text not null,
      revoked text
    ) strict;

CREATE TABLE host_report (
      host text not null primary key references host (id),
      counter integer not null,
      recent text not null,
      seen text not null,
      notes text not null,
      report text not null
    ) strict;

CREATE TABLE host_token (
      name text not null primary key,
      digest text not null,
      train text not null,
      channel text not null,
      labels text not null,
      host text,
      uses integer not null,
      used integer not null check (used <= uses),
      created text not null,
      created_by text not null,
      expires text not null,
      revoked text
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

CREATE INDEX host_by_channel on host (train, channel, id);

CREATE INDEX host_certificate_by_host on host_certificate (host);

CREATE INDEX host_certificate_revoked on host_certificate (authority, expires) where revoked is not null;

CREATE INDEX package_by_first on package (repository_id, first);

CREATE INDEX package_by_name on package (name, version);

CREATE INDEX package_by_until on package (repository_id, until) where until is not null;
