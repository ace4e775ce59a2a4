export {
  countersign,
  type Envelope,
  type EnvelopeTrust,
  openEnvelope,
  payloadTypes,
  readEnvelope,
  sealEnvelope,
} from './statements/envelope.ts'
export { haltField, lifetimes, nextVersion, pathsOf, roleOf, targetOf } from './statements/layout.ts'
export {
  isSignedBy,
  publicKeyObject,
  type StatementKey,
  type StatementSigner,
  statementKeyOf,
  statementSignerOf,
} from './statements/statement-key.ts'
