export interface Metalink { hashes: { algorithm: string; hex: string }[]; urls: { url: string }[] }
export function parseMetalink(_b: Buffer, _o: string): Metalink { throw new Error('x') }
export function parseMirrorlist(_b: Buffer, _o: string): string[] { throw new Error('x') }
