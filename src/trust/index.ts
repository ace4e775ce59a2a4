export { type Authority, certificateLifetimes, issuerForHosts } from './ca/authority.ts'
export { authorityFile, keepAuthority, readAuthorities } from './ca/authority-directory.ts'
export {
  type HostCertificatePlan,
  issueServerCertificate,
  newHostId,
  planHostCertificate,
  signHostCertificate,
} from './ca/issue.ts'
export { type CertificateJudgement, type CertifiedHost, judgeCertificate } from './ca/judge-certificate.ts'
export { type RevokedSerial, signRevocations } from './ca/x509.ts'
export { checkContext, digestOfRoot } from './ceremony/check-context.ts'
export {
  maximumRequestBytes,
  parseRequest,
  parseRoot,
  requestText,
  type SigningRequest,
  signRequest,
  type WaitingMetadata,
} from './ceremony/request.ts'
export { requestOf } from './ceremony/request-of.ts'
export { rolesSignedBy, type Signatures, signaturesOf } from './ceremony/who-signs.ts'
export { keyText, type Line, type Meaning, meaningsOf } from './ceremony/words.ts'
export type { Edits } from './departures/change.ts'
export {
  type KeyIds,
  type RoleTrust,
  type RootSigned,
  type TrustedKey,
  trustOf,
} from './departures/metadata.ts'
export {
  openStatements,
  type Statements,
  type StatementsContext,
} from './departures/open-statements.ts'
export { departuresRef, type Published } from './departures/published.ts'
export type { Rotation } from './departures/rotate.ts'
export type { Outcome } from './departures/settle.ts'
export type { StagedChange, StagedFile, StatementsState } from './departures/state.ts'
export { writeDurably } from './durable-file.ts'
export { type HaltOrder, isAheadOfTime, makeHalt } from './halts/make-halt.ts'
export { addHalts, haltTrustIn, liftedIn, listHalts } from './halts/yard-halts.ts'
export type { Signer } from './judgement.ts'
export { type KeyDirectory, openKeys, type SigningKey } from './key-directory.ts'
export { type Keyring, type KeyringKey, loadKeyring, parseKeyring } from './keyring.ts'
export { clearText } from './openpgp/clear-text.ts'
export { signClear, signDetached } from './sign.ts'
export type { SigningKeyOptions } from './signing-key.ts'
export {
  createKeyFile,
  createPublicKeyFile,
  loadKeyFile,
  readPublicKeyFile,
} from './statement-keys/key-file.ts'
export { type KeysAtHand, keysAtHand } from './statement-keys/keys-at-hand.ts'
export { isTokenOf, makeToken, nameInToken } from './token.ts'
export { textOf } from './unverified-text.ts'
export {
  type Verified,
  type VerifyOptions,
  verifyClearSigned,
  verifyDetached,
} from './verify.ts'
