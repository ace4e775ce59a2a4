import type { Name } from '../model/index.ts'
import type { Configuration } from './configuration.ts'
import { crossProblems } from './cross-checks.ts'
import type { GateShapes } from './gates-schema.ts'
import { repositoryConfiguration } from './repository-configuration.ts'
import { type FileFields, fileShape } from './schema.ts'
import { trainProblems } from './train-checks.ts'
import { trainConfiguration } from './train-configuration.ts'
import { readYaml, top } from './yaml-document.ts'

/**
 * Reads `switchyard.yaml` (YAML 1.2): every default filled in, every path absolute, every name resolved.
 * `file` is the absolute path of the file (for messages, and where relative paths start), `text` its content, `gates` those
 * that a channel may name.
 * @throws YardError `configuration` with every mistake of the file, each with its line and column, what was found,
 *   what was expected and the nearest valid name. Passwords and URLs are never repeated.
 */
export function readConfiguration(file: string, text: string, gates: GateShapes = {}): Configuration {
  const { value, lineOf } = readYaml(file, text, (contents, reading) => {
    const fields = fileShape(gates).read(contents, top, reading)
    if (fields === undefined) return undefined
    const { repositories, trains } = fields
    for (const problem of crossProblems(repositories)) reading.report(problem)
    for (const problem of trainProblems(trains ?? new Map(), repositories)) reading.report(problem)
    return fields
  })
  return assemble(file, value, lineOf)
}

function assemble(file: string, fields: FileFields, lineOf: (offset: number) => number): Configuration {
  const { server, keys, database } = fields
  const latest = {
    keepSeconds: fields.latest?.keep ?? 7 * 86_400,
    keepAtLeast: fields.latest?.['keep-at-least'] ?? 3,
  }
  const repositories = [...fields.repositories].map(([name, { place }]) =>
    repositoryConfiguration(name as Name, fields.repositories, `${file}:${lineOf(place.offset)}`),
  )
  const trains = [...(fields.trains ?? [])].map(([name, { value, place }]) =>
    trainConfiguration(name as Name, value!, latest, `${file}:${lineOf(place.offset)}`),
  )
  return {
    file,
    trains: new Map(trains.map(train => [train.name, train])),
    repositories: new Map(repositories.map(repository => [repository.name, repository])),
    server: {
      listen: server?.listen ?? { host: '127.0.0.1', port: 8080 },
      hosts: server?.hosts && {
        name: server.hosts.name,
        listen: server.hosts.listen ?? { host: '0.0.0.0', port: 8443 },
        places: server.hosts.places.map(({ value }) => value),
      },
    },
    keys: {
      algorithm: keys?.algorithm ?? 'rsa4096',
      userId: keys?.['user-id'] ?? 'Switchyard <switchyard@localhost>',
    },
    latest,
    database: database === undefined ? { kind: 'sqlite' } : { kind: 'postgresql', url: database.url },
  }
}
