CREATE TABLE public.audit (
    number bigint NOT NULL,
    at text NOT NULL COLLATE pg_catalog."C",
    verb text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    who text NOT NULL COLLATE pg_catalog."C",
    via text NOT NULL COLLATE pg_catalog."C",
    why text COLLATE pg_catalog."C",
    detail text NOT NULL COLLATE pg_catalog."C",
    previous text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.content (
    id bigint NOT NULL,
    repository_id bigint NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    entries bigint NOT NULL,
    first text NOT NULL COLLATE pg_catalog."C",
    until text COLLATE pg_catalog."C",
    CONSTRAINT content_entries_check CHECK ((entries > 0)),
    CONSTRAINT content_state_check CHECK ((state = ANY (ARRAY['local'::text, 'fetchable'::text, 'lost'::text])))
);

ALTER TABLE public.content ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.content_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.host (
    id text NOT NULL COLLATE pg_catalog."C",
    public text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    why text COLLATE pg_catalog."C",
    train text NOT NULL COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    labels text NOT NULL COLLATE pg_catalog."C",
    rank_group text NOT NULL COLLATE pg_catalog."C",
    counter bigint NOT NULL,
    machine text NOT NULL COLLATE pg_catalog."C",
    boots text NOT NULL COLLATE pg_catalog."C",
    token text NOT NULL COLLATE pg_catalog."C",
    enrolled text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT host_state_check CHECK ((state = ANY (ARRAY['enrolled'::text, 'quarantined'::text, 'revoked'::text])))
);

CREATE TABLE public.host_card (
    host text NOT NULL COLLATE pg_catalog."C",
    said text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.host_certificate (
    serial text NOT NULL COLLATE pg_catalog."C",
    host text NOT NULL COLLATE pg_catalog."C",
    authority text NOT NULL COLLATE pg_catalog."C",
    issued text NOT NULL COLLATE pg_catalog."C",
    expires text NOT NULL COLLATE pg_catalog."C",
    revoked text COLLATE pg_catalog."C"
);

CREATE TABLE public.host_report (
    host text NOT NULL COLLATE pg_catalog."C",
    counter bigint NOT NULL,
    recent text NOT NULL COLLATE pg_catalog."C",
    seen text NOT NULL COLLATE pg_catalog."C",
    notes text NOT NULL COLLATE pg_catalog."C",
    report text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.host_token (
    name text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL COLLATE pg_catalog."C",
    train text NOT NULL COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    labels text NOT NULL COLLATE pg_catalog."C",
    host text COLLATE pg_catalog."C",
    uses bigint NOT NULL,
    used bigint NOT NULL,
    created text NOT NULL COLLATE pg_catalog."C",
    created_by text NOT NULL COLLATE pg_catalog."C",
    expires text NOT NULL COLLATE pg_catalog."C",
    revoked text COLLATE pg_catalog."C",
    CONSTRAINT host_token_check CHECK ((used <= uses))
);

CREATE TABLE public.migration (
    number bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.package (
    id bigint NOT NULL,
    repository_id bigint NOT NULL,
    family text NOT NULL COLLATE pg_catalog."C",
    suite text NOT NULL COLLATE pg_catalog."C",
    component text NOT NULL COLLATE pg_catalog."C",
    architecture text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    first text NOT NULL COLLATE pg_catalog."C",
    until text COLLATE pg_catalog."C"
);

ALTER TABLE public.package ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.package_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.repository (
    id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    last_timestamp text COLLATE pg_catalog."C"
);

ALTER TABLE public.repository ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.repository_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.snapshot (
    repository_id bigint NOT NULL,
    "timestamp" text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    record text NOT NULL COLLATE pg_catalog."C",
    total_entries bigint NOT NULL,
    total_bytes bigint NOT NULL,
    local_entries bigint NOT NULL,
    local_bytes bigint NOT NULL,
    lost_entries bigint NOT NULL,
    lost_bytes bigint NOT NULL,
    CONSTRAINT snapshot_state_check CHECK ((state = ANY (ARRAY['listed'::text, 'removing'::text])))
);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.content
    ADD CONSTRAINT content_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.host_card
    ADD CONSTRAINT host_card_pkey PRIMARY KEY (host);

ALTER TABLE ONLY public.host_certificate
    ADD CONSTRAINT host_certificate_pkey PRIMARY KEY (serial);

ALTER TABLE ONLY public.host
    ADD CONSTRAINT host_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.host
    ADD CONSTRAINT host_public_key UNIQUE (public);

ALTER TABLE ONLY public.host_report
    ADD CONSTRAINT host_report_pkey PRIMARY KEY (host);

ALTER TABLE ONLY public.host_token
    ADD CONSTRAINT host_token_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.package
    ADD CONSTRAINT package_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.repository
    ADD CONSTRAINT repository_name_key UNIQUE (name);

ALTER TABLE ONLY public.repository
    ADD CONSTRAINT repository_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.snapshot
    ADD CONSTRAINT snapshot_pkey PRIMARY KEY (repository_id, "timestamp");

CREATE INDEX audit_by_subject ON public.audit USING btree (subject, number);

CREATE INDEX content_by_digest ON public.content USING btree (digest, repository_id);

CREATE INDEX content_by_first ON public.content USING btree (repository_id, first);

CREATE INDEX content_by_until ON public.content USING btree (repository_id, until) WHERE (until IS NOT NULL);

CREATE INDEX host_by_channel ON public.host USING btree (train, channel, id);

CREATE INDEX host_certificate_by_host ON public.host_certificate USING btree (host);

CREATE INDEX host_certificate_revoked ON public.host_certificate USING btree (authority, expires) WHERE (revoked IS NOT NULL);

CREATE INDEX package_by_first ON public.package USING btree (repository_id, first);

CREATE INDEX package_by_name ON public.package USING btree (name, version);

CREATE INDEX package_by_until ON public.package USING btree (repository_id, until) WHERE (until IS NOT NULL);

ALTER TABLE ONLY public.content
    ADD CONSTRAINT content_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES public.repository(id);

ALTER TABLE ONLY public.host_card
    ADD CONSTRAINT host_card_host_fkey FOREIGN KEY (host) REFERENCES public.host(id);

ALTER TABLE ONLY public.host_certificate
    ADD CONSTRAINT host_certificate_host_fkey FOREIGN KEY (host) REFERENCES public.host(id);

ALTER TABLE ONLY public.host_report
    ADD CONSTRAINT host_report_host_fkey FOREIGN KEY (host) REFERENCES public.host(id);

ALTER TABLE ONLY public.package
    ADD CONSTRAINT package_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES public.repository(id);

ALTER TABLE ONLY public.snapshot
    ADD CONSTRAINT snapshot_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES public.repository(id);
