import { compose, uploads } from './compose-schema.ts'
import { dictionary } from './dictionary.ts'
import { exactlyOne } from './exactly-one.ts'
import type { GateShapes } from './gates-schema.ts'
import { defaulting, object, optional, required } from './object.ts'
import { choice, integer, type JsonSchema, list, located, type Shape, text } from './shape.ts'
import { trains } from './trains-schema.ts'
import { upstream } from './upstream-schema.ts'
import * as values from './values.ts'

const { baseUrl, duration, name, path } = values

const repositoryTable = {
  upstream: optional(upstream, 'A repository that somebody else changes: it is mirrored.'),
  compose: optional(compose, 'Other repositories that this one is put together from.'),
  uploads: optional(
    uploads,
    'Packages of ours, brought in by `switchyard upload`. The word alone is short for a map with `format`.',
  ),
  policy: optional(
    located(choice('on-demand', 'immediate')),
    'When package files are fetched: at the first request, or before the snapshot exists. Default: on-demand for an upstream, immediate for a composition; uploads are always here.',
  ),
  seed: defaulting(list('a list of directories', path), [], 'Existing mirrors from which files are taken.'),
  fallback: defaulting(
    list('a list of URLs', baseUrl),
    [],
    'Base URLs that are asked, without its credentials, for files that the upstream has lost.',
  ),
}

const repository = object(
  'a map with `upstream`, `compose` or `uploads`',
  repositoryTable,
  (fields, place, reading) => {
    exactlyOne(['upstream', 'compose', 'uploads'], fields, place, reading)
    const lone = fields.fallback[0]
    if (fields.upstream === undefined && lone !== undefined)
      reading.report({
        place: lone.place,
        found: '`fallback` without `upstream`',
        expected: 'it only beside one',
      })
    if (fields.uploads !== undefined && fields.policy?.value === 'on-demand')
      reading.report({
        place: fields.policy.place,
        found: '`on-demand` with `uploads`',
        expected: '`immediate` or no `policy`: what was uploaded is here',
      })
  },
)

const userId = text('a name and address such as `Web team <web@example.org>`', value =>
  /^[^\p{Cc}\s][^\p{Cc}]{2,199}$/u.test(value) ? value : undefined,
)

const hosts = object('a map with `name`', {
  name: required(
    values.hostName,
    'DNS name or address under which hosts reach this server; it stands in its certificate.',
  ),
  listen: optional(values.listenAddress, 'Address and port. Default: 0.0.0.0:8443.'),
  places: defaulting(
    list('a list of URLs', values.place, { most: 7 }),
    [],
    'Where hosts may find statements as well: copies of `/departures/`, as https, http or file URLs.',
  ),
})

/** The whole file. Every key's default, type and documentation stands in these tables and nowhere else. */
export function fileShape(gates: GateShapes) {
  return object('a map with the key `repositories`', {
    repositories: required(
      dictionary('a map of repositories', 1000, name, repository),
      'Our lines of snapshots.',
    ),
    trains: optional(
      trains(gates),
      'Which repositories travel together, through which channels, past which gates.',
    ),
    server: optional(
      object('a map', {
        listen: optional(values.listenAddress, 'Address and port. Default: 127.0.0.1:8080.'),
        hosts: optional(hosts, 'Lets machines enrol as hosts, by HTTPS on a port of its own.'),
      }),
      'The server.',
    ),
    keys: optional(
      object('a map', {
        algorithm: defaulting(choice('rsa4096', 'ed25519'), 'rsa4096', 'Default: rsa4096.'),
        'user-id': optional(userId, 'Default: `Switchyard <switchyard@localhost>`.'),
      }),
      'The key that the yard makes for itself and signs with.',
    ),
    latest: optional(
      object('a map', {
        keep: defaulting(
          duration,
          7 * 86_400,
          'How long replaced snapshots are still answered. Default: 7d.',
        ),
        'keep-at-least': defaulting(integer(0, 1000), 3, 'How many of them at least. Default: 3.'),
      }),
      'What `/content/REPO/latest/` answers.',
    ),
    database: optional(
      object('a map', { url: required(values.databaseUrl, 'A PostgreSQL database.') }),
      'Default: a SQLite file in the yard.',
    ),
  })
}

/** The value of a shape. */
type Of<S> = S extends Shape<infer T> ? T : never
export type FileFields = Of<ReturnType<typeof fileShape>>
export type RepositoryFields = Of<typeof repository>

/** The JSON Schema (2020-12) of `switchyard.yaml`, for editors. */
export function jsonSchema(gates: GateShapes): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'switchyard.yaml',
    ...fileShape(gates).json,
  }
}
