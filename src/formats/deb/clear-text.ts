/**
 * The text inside a clear-signed document, without verifying anything (RFC 9580, section 7: armour headers end at an
 * empty line, dash escapes are undone, the last line break belongs to the armour). A document that is not
 * clear-signed is its own text. For documents that were verified before, or that the operator trusts unverified.
 */
export function clearTextOf(document: Buffer): Buffer {
  const text = document.toString('latin1')
  const body =
    /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n-----BEGIN PGP SIGNATURE-----/.exec(
      text,
    )
  return body === null ? document : Buffer.from(`${body[1]!.replace(/^- /gm, '')}\n`, 'latin1')
}
