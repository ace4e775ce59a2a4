/** What identifies the answer that a client may hold already. */
export interface Identity {
  /** A strong entity tag, with its quotes. */
  etag: string
  /** Of Last-Modified, milliseconds since the epoch, whole seconds. */
  modified: number
}

interface ConditionalHeaders {
  'if-none-match'?: string | undefined
  'if-modified-since'?: string | undefined
  'if-range'?: string | undefined
}

/**
 * Whether the client holds exactly this answer (RFC 9110, 13.1). If-Modified-Since is compared for equality: "not newer"
 * would hide a rollback from apt, which sends nothing else.
 */
export function isNotModified(headers: ConditionalHeaders, identity: Identity): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) return tags.trim() === '*' || hasTag(tags, identity.etag)
  return isDateOf(headers['if-modified-since'], identity)
}

/** Whether a Range counts (RFC 9110, 13.1.5): only for the very bytes of which the client has a part. */
export function rangeHolds(headers: ConditionalHeaders, identity: Identity): boolean {
  const condition = headers['if-range']
  if (condition === undefined) return true
  return condition.trim() === identity.etag || isDateOf(condition, identity)
}

/** If-None-Match compares weakly: a `W/` in front, as proxies that compress put it, does not count. */
function hasTag(header: string, etag: string): boolean {
  return header.split(',').some(tag => tag.trim().replace(/^W\//, '') === etag)
}

/** The three forms of RFC 9110, 5.6.7 all end in a year or a zone; other text that Date.parse would guess at is no date. */
function isDateOf(header: string | undefined, identity: Identity): boolean {
  return header !== undefined && /^[A-Z][a-z]+,? /.test(header) && Date.parse(header) === identity.modified
}
