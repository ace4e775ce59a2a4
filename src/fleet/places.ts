import type { Configuration, HostsConfiguration } from '../config/index.ts'
import { YardError } from '../model/index.ts'

/** @throws YardError `configuration` when the yard has no door for hosts. */
export function hostsConfiguration({ server, file }: Configuration): HostsConfiguration {
  if (server.hosts !== undefined) return server.hosts
  throw new YardError(
    'configuration',
    `${file} does not say how hosts reach this yard; nothing was changed`,
    {
      hint: 'write `server: { hosts: { name: yard.example.org } }`, and start the server again',
    },
  )
}

/** Where hosts enrol: `https://yard.example.org:8443`. @throws as hostsConfiguration. */
export function hostsUrl(configuration: Configuration): string {
  const { name, listen } = hostsConfiguration(configuration)
  return `https://${name.includes(':') ? `[${name}]` : name}:${listen.port}`
}

/** Where hosts find statements: the server first. @throws as hostsConfiguration. */
export function placesOf(configuration: Configuration): string[] {
  return [`${hostsUrl(configuration)}/departures`, ...hostsConfiguration(configuration).places]
}
