import fc from 'fast-check'
import type { HandmadePackage } from './header.fixture.ts'
import type { WrittenTag } from './write-header.ts'

const sign = fc.constantFrom(
  ...['a', 'B', '7', ' ', '<', '>', '&', '"', "'", '\n', '\t', '\r', '\x7f'],
  // UTF-8, UTF-8 of what XML does not allow, and bytes that are neither.
  ...[
    '\xc3\xa9',
    '\xe2\x82\xac',
    '\xf0\x9f\x98\x80',
    '\xed\xa0\x80',
    '\xef\xbf\xbf',
    '\xf7\xbf\xbf\xbf',
    '\xc0\x80',
  ],
  ...['\xe9', '\x80', '\xff', '\xc3'],
)
const plain = fc.string({ unit: fc.constantFrom(...'abc.-_+~^019/'), minLength: 1, maxLength: 8 })
const odd = fc.oneof(plain, fc.string({ unit: sign, minLength: 1, maxLength: 8 }))
const controlled = fc.oneof({ weight: 200, arbitrary: odd }, { weight: 1, arbitrary: fc.constant('a\x01b') })
const capability = fc.oneof(
  controlled,
  fc.constantFrom(
    ...['foo', 'bar', '/etc/a', '/usr/bin/x', '/usr/share/x', 'rpmlib(X)', '(a or b)', ''],
    ...[
      'libc.so.6',
      'libc.so.6(',
      'libc.so.6()',
      'libc.so.6()(64bit)',
      'libc.so.6(x)(64bit)',
      'libc.so.6(PRIVATE',
    ],
    ...['libc.so.6(GLIBC_2.4)', 'libc.so.6(GLIBC_2.34)(64bit)', 'libc.so.6(GLIBC_2.34)', 'libc.so.6.1'],
  ),
)
const evr = fc.oneof(
  fc.constantFrom(
    ...['', '', '1', '1-2', '0:1-2', '1:2-3-4', ':1', 'a:1', ' 3:1', '-1:2', '+:1', '1-', '-1', '1:2:3'],
  ),
  odd,
)
const sense = fc
  .tuple(
    fc.constantFrom(0, 2, 4, 6, 8, 10, 12, 14),
    fc.constantFrom(0, 0, 0, 1 << 6, 1 << 9, 1 << 10, 1 << 11, 1 << 19, 1 << 27),
  )
  .map(([comparison, more]) => comparison | more)

function listOf(name: number, flags: number, version: number): fc.Arbitrary<WrittenTag[]> {
  return fc.array(fc.tuple(capability, sense, evr), { maxLength: 6 }).map(entries =>
    entries.length === 0
      ? []
      : [
          { tag: name, type: 8, values: entries.map(entry => entry[0]) },
          { tag: flags, type: 4, values: entries.map(entry => entry[1]) },
          { tag: version, type: 8, values: entries.map(entry => entry[2]) },
        ],
  )
}

const files = fc
  .array(fc.tuple(fc.nat(2), odd, fc.constantFrom(0o040755, 0o100644, 0o120777), fc.constantFrom(0, 1, 64)), {
    maxLength: 4,
  })
  .map((entries): WrittenTag[] =>
    entries.length === 0
      ? []
      : [
          { tag: 1116, type: 4, values: entries.map((entry, i) => Math.min(entry[0], i)) },
          { tag: 1117, type: 8, values: entries.map(entry => entry[1]) },
          { tag: 1030, type: 3, values: entries.map(entry => entry[2]) },
          { tag: 1037, type: 4, values: entries.map(entry => entry[3]) },
          { tag: 1118, type: 8, values: ['/etc/', '/usr/bin/', '/\xe9/'].slice(0, entries.length) },
        ],
  )

const changelogs = fc
  .array(
    fc.tuple(
      fc.constantFrom(0, 5, 5, 5, 6, 2_000_000_000),
      odd.map(text => `${text}  `),
      odd,
    ),
    { maxLength: 14 },
  )
  .map((entries): WrittenTag[] =>
    entries.length === 0
      ? []
      : [
          { tag: 1080, type: 4, values: entries.map(entry => entry[0]) },
          { tag: 1081, type: 8, values: entries.map(entry => entry[1]) },
          { tag: 1082, type: 8, values: entries.map(entry => entry[2]) },
        ],
  )

const text = (tag: number, type = 6) =>
  fc
    .option(controlled, { nil: undefined })
    .map((value): WrittenTag[] => (value === undefined ? [] : [{ tag, type, values: [value] }]))
const number = (tag: number, type = 4) =>
  fc
    .option(fc.nat(2 ** 31 - 1), { nil: undefined })
    .map((value): WrittenTag[] => (value === undefined ? [] : [{ tag, type, values: [value] }]))

/**
 * Packages that rpmbuild would never make but createrepo_c reads: odd bytes everywhere, dependencies of every shape, lists of
 * any length; now and then a control character.
 */
export const oddPackage: fc.Arbitrary<HandmadePackage> = fc.record({
  signature: fc.tuple(number(271, 5), number(1007)).map(tags => tags.flat()),
  header: fc
    .tuple(
      ...[1000, 1001, 1002, 1022].map(tag =>
        odd.map((value): WrittenTag[] => [{ tag, type: 6, values: [value] }]),
      ),
      ...[
        text(1004, 9),
        text(1005, 9),
        text(1016, 9),
        ...[1007, 1011, 1014, 1015, 1020, 1044].map(tag => text(tag)),
      ],
      ...[number(1003), number(1006), number(1009), number(5009, 5)],
      listOf(1047, 1112, 1113),
      listOf(1049, 1048, 1050),
      listOf(1054, 1053, 1055),
      listOf(1090, 1114, 1115),
      listOf(5046, 5048, 5047),
      listOf(5049, 5051, 5050),
      listOf(5052, 5054, 5053),
      listOf(5055, 5057, 5056),
      listOf(1156, 1158, 1157),
      listOf(1159, 1161, 1160),
      files,
      changelogs,
    )
    .map(tags => tags.flat()),
})
