import type { Halt } from '../model/index.ts'
import type { Meaning, Signatures, TrustedKey } from '../trust/index.ts'
import { printable, tableText } from './text.ts'

/** What is signed, for a person: each statement with what it changes, and who has signed it. */
export function requestWords(
  meanings: readonly Meaning[],
  signatures: readonly Signatures[],
  nameOf: (key: TrustedKey) => string,
): string {
  return meanings
    .map(meaning => {
      const { asked } = signatures.find(({ role }) => role === meaning.role)!
      const rows = meaning.says.flatMap(({ what, now, before }) =>
        before === undefined
          ? [[`  ${what}`, now, 'new']]
          : before === now
            ? [[`  ${what}`, now, 'as before']]
            : [
                [`  ${what}`, now, 'CHANGED'],
                ['', before, 'before'],
              ],
      )
      const signers = asked.map(
        ({ threshold, have, lack }) =>
          `  signed by ${have.length} of ${threshold}${list(': ', have.map(nameOf))}${list('; may sign: ', lack.map(nameOf))}\n`,
      )
      const until = meaning.expires.slice(0, 10)
      return `${printable(meaning.title)}  (change ${meaning.change}, version ${meaning.version}, good until ${printable(until)})\n${printable(tableText(rows))}${printable([...new Set(signers)].join(''))}`
    })
    .join('\n')
}

function list(before: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${before}${names.join(', ')}`
}

/** What all the rest rests on. */
export function rootWords(version: number, digest: string, isKnown: boolean): string {
  const proof = isKnown ? 'follows from the root that you trust' : 'compare it with what you know'
  return `in force: root ${version}, SHA-256 ${digest}; ${proof}\n\n`
}

/** A halt in one line. */
export function haltWords({ number, scope, who, why, at }: Halt): string {
  return printable(`halt ${number} of ${scope.join(', ') || 'every channel'}, by ${who}, ${at}: ${why}\n`)
}
