import { expect, it } from 'vitest'
import { keptBack, unknownToApt, unknownToDnf } from './answers.ts'

it('reads which packages apt-get keeps back, over several lines', () => {
  const output = `Calculating upgrade...
The following packages have been kept back:
  one two
  three
The following packages will be upgraded:
  four
1 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.
`
  expect(keptBack(output)).toEqual(['one', 'two', 'three'])
  expect(keptBack('0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n')).toEqual([])
})

it('reads which packages are not offered', () => {
  const apt = `E: Unable to locate package one
E: Package 'two' has no installation candidate
E: Unable to locate package libstdc++9
`
  expect(unknownToApt(apt)).toEqual(['one', 'two', 'libstdc++9'])
  const dnf = 'No match for argument: one\nError: Unable to find a match: one\n'
  expect(unknownToDnf(dnf)).toEqual(['one'])
})
