/** The switchyard.yaml of a yard with one channel and a door for hosts, on these ports of the loopback. */
export function hostsYard(port: number, hosts: number): string {
  return `keys: { algorithm: ed25519 }
server: { listen: 127.0.0.1:${port}, hosts: { listen: 127.0.0.1:${hosts}, name: localhost } }
repositories: { ours: { uploads: deb } }
trains: { web: { repositories: [ours], channels: { production: {} } } }
`
}
