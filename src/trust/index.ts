export { type Authority, certificateLifetimes, issuerForHosts } from './ca/authority.ts'
export { keepAuthority, readAuthorities } from './ca/authority-directory.ts'
export { issueServerCertificate, planHostCertificate, signHostCertificate } from './ca/issue.ts'
export { type CertificateJudgement, type CertifiedHost, judgeCertificate } from './ca/judge-certificate.ts'
export { type RevokedSerial, signRevocations } from './ca/x509.ts'
export { writeDurably } from './durable-file.ts'
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
export { isTokenOf, makeToken, nameInToken } from './token.ts'
export { textOf } from './unverified-text.ts'
export {
  type Verified,
  type VerifyOptions,
  verifyClearSigned,
  verifyDetached,
} from './verify.ts'
