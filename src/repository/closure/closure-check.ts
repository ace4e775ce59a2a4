import type { ByteString } from '../../model/index.ts'

/** A package that cannot be installed, or that asks for what is not there. */
export interface ClosureProblem {
  package: ByteString
  version: ByteString
  /** Of the machines on which it cannot be installed. */
  architecture: ByteString
  /** The shortest reason that is known, beginning with the package. */
  text: string
  /** What is wrong in the end, without versions of who comes to it: many packages may suffer from one. */
  root: string
}

/** What was found for one kind of machine. */
export interface ClosureVerdict {
  format: 'apt' | 'dnf'
  architecture: ByteString
  /** Packages that were judged. */
  packages: number
  problems: ClosureProblem[]
}
