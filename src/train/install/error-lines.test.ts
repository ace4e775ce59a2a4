import { expect, it } from 'vitest'
import { errorLines, hasFailedScriptlet } from './error-lines.ts'

it("finds why dpkg failed before what apt makes of it, and joins dpkg's two lines", () => {
  const output = `Setting up broken (2.0) ...
cannot start
dpkg: error processing package broken (--configure):
 installed broken package post-installation script subprocess returned error exit status 3
Errors were encountered while processing:
 broken
E: Sub-process /usr/bin/dpkg returned an error code (1)
`
  expect(errorLines(output)).toEqual([
    'dpkg: error processing package broken (--configure): installed broken package post-installation script subprocess returned error exit status 3',
  ])
})

it('finds what apt cannot satisfy', () => {
  const output = `The following packages have unmet dependencies:
 choosy : Conflicts: good but 2.0 is to be installed
E: Unable to correct problems, you have held broken packages.`
  expect(errorLines(output)).toEqual([
    'choosy : Conflicts: good but 2.0 is to be installed',
    'E: Unable to correct problems, you have held broken packages.',
  ])
})

it('finds the script of an RPM package that failed, also in the middle of a line', () => {
  const output = `  Upgrading        : broken-2.0-1.noarch        1/2
warning: %post(broken-2.0-1.noarch) scriptlet failed, exit status 1
  Cleanup          : broken-1.0-1.noarch        2/2Error in POSTIN scriptlet in rpm package broken

Complete!`
  expect(hasFailedScriptlet(output)).toBe(true)
  expect(errorLines(output)).toEqual([
    'Error in POSTIN scriptlet in rpm package broken',
    'warning: %post(broken-2.0-1.noarch) scriptlet failed, exit status 1',
  ])
  expect(hasFailedScriptlet('Complete!')).toBe(false)
})

it('tells the last lines of a program that it does not understand, and no more than it was asked for', () => {
  expect(errorLines('one\n\ntwo\nthree\n  four\n')).toEqual(['two', 'three', 'four'])
  expect(errorLines('E: a\nE: b\nE: a\nE: c\nE: d', 2)).toEqual(['E: a', 'E: b'])
  expect(errorLines('')).toEqual([])
})
