import type { ByteString } from '../../model/index.ts'

/**
 * An archive in the common ar format (ar(5)) with these members in their order; all of root, 0644. Names are at most 15 bytes.
 * @param time of every member, in seconds since 1970.
 */
export function writeAr(members: readonly [name: ByteString, body: Uint8Array][], time: number): Buffer {
  const parts = members.flatMap(([name, body]) => [
    Buffer.from(
      `${name.padEnd(16)}${String(time).padEnd(12)}0     0     100644  ${String(body.length).padEnd(10)}\`\n`,
      'latin1',
    ),
    body,
    Buffer.from(body.length % 2 === 1 ? '\n' : ''),
  ])
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts])
}
