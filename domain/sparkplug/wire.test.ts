/** Our bytes against those of the protobuf library, which is nobody's of ours. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WIRE } from './fields.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

const unsigned = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1))
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme', maxLength: 90 }))

describe('written', () => {
  test.each([
    [
      'whole numbers',
      unsigned,
      (w: WireWriter, v: number) => w.unsigned(v),
      (b: BinaryWriter, v: number) => b.uint64(v),
    ],
    ['64 bits', int64, (w: WireWriter, v: bigint) => w.wide(v), (b: BinaryWriter, v: bigint) => b.int64(v)],
    ['doubles', fc.double(), (w: WireWriter, v: number) => w.double(v), (b: BinaryWriter, v: number) => b.double(v)],
    ['texts', text, (w: WireWriter, v: string) => w.text(v), (b: BinaryWriter, v: string) => b.string(v)],
    [
      'bytes',
      fc.uint8Array(),
      (w: WireWriter, v: Uint8Array) => w.bytes(v),
      (b: BinaryWriter, v: Uint8Array) => b.bytes(v),
    ],
  ] as ReadonlyArray<
    [
      string,
      fc.Arbitrary<unknown>,
      (w: WireWriter, v: never) => WireWriter,
      (b: BinaryWriter, v: never) => BinaryWriter,
    ]
  >)('%s as the library writes them', (_, values, ours, theirs) => {
    const writer = new WireWriter()
    fc.assert(
      fc.property(fc.nat(2 ** 20), values, (no, value) => {
        const got = ours(writer.restart().tag(no + 1, WIRE.varint), value as never).finish()
        const expected = theirs(new BinaryWriter().tag(no + 1, WireType.Varint), value as never).finish()
        expect([...got]).toEqual([...expected])
      }),
    )
  })

  test.each([0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x1f_ffff, 0x20_0000])('a message inside of %i bytes', (length) => {
    const [ours, theirs] = [new WireWriter(), new BinaryWriter()]
    const inner = new Uint8Array(length).fill(7)
    const [outer, place] = [ours.open(2), ours.open(9)]
    ours.raw(inner)
    ours.close(place)
    ours.bool(true)
    ours.close(outer)
    theirs.tag(2, WireType.LengthDelimited).fork().tag(9, WireType.LengthDelimited).fork().raw(inner).join().bool(true)
    expect(Buffer.compare(ours.finish(), theirs.join().finish())).toBe(0)
  })

  test.each([-1, 1.5, Number.NaN, 2 ** 53])('%d is refused, for it is no whole number', (value) => {
    expect(() => new WireWriter().unsigned(value)).toThrow(`expected a whole number from 0, got ${value}`)
  })

  test('what was given out does not change with what follows, short or long', () => {
    const writer = new WireWriter()
    const given = [1, 100, 3_000, 5_000, 300_000].map((length) =>
      writer.restart().raw(new Uint8Array(length).fill(length)).finish(),
    )
    for (let i = 0; i < 50; i++) writer.restart().raw(new Uint8Array(1000)).finish()
    for (const bytes of given) expect(bytes.every((byte) => byte === bytes.length % 256)).toBe(true)
  })
})

describe('read', () => {
  test('fields of every kind as the library reads them', () => {
    const field = fc.oneof(
      unsigned.map((v) => (b: BinaryWriter) => b.tag(1, WireType.Varint).uint64(v)),
      int64.map((v) => (b: BinaryWriter) => b.tag(2, WireType.Varint).int64(v)),
      text.map((v) => (b: BinaryWriter) => b.tag(3, WireType.LengthDelimited).string(v)),
      fc.double().map((v) => (b: BinaryWriter) => b.tag(4, WireType.Bit64).double(v)),
      fc.float().map((v) => (b: BinaryWriter) => b.tag(5, WireType.Bit32).float(v)),
    )
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const bytes = fields.reduce((b, write) => write(b), new BinaryWriter()).finish()
        const [ours, theirs] = [new WireReader(bytes), new BinaryReader(bytes)]
        while (ours.next()) {
          expect([ours.no, ours.wire]).toEqual(theirs.tag())
          if (ours.no === 1) expect(ours.uint64()).toBe(Number(theirs.uint64()))
          else if (ours.no === 2) expect(BigInt.asIntN(64, ours.wide())).toBe(BigInt(theirs.int64()))
          else if (ours.no === 3) expect(ours.text()).toBe(theirs.string(true))
          else if (ours.no === 4) expect(ours.double()).toBe(theirs.double())
          else expect(ours.float()).toBe(theirs.float())
        }
        expect(theirs.pos).toBe(theirs.len)
      }),
    )
  })

  test('texts with the same hash are not taken for one another', () => {
    // 31 x 'A' + 'a' = 31 x 'B' + 'B' = 31 x 'C' + '#', and of one length.
    const [a, b, c] = ['Aa', 'BB', 'C#']
    const bytes = new BinaryWriter().string(a).string(b).string(c).string(a).finish()
    const reader = new WireReader(bytes)
    expect([reader.text(), reader.text(), reader.text(), reader.text()]).toEqual([a, b, c, a])
  })

  test('a message inside ends where it says, and reading goes on behind it', () => {
    const bytes = new BinaryWriter()
      .tag(2, WireType.LengthDelimited)
      .bytes(Uint8Array.of(0x08, 0x05))
      .uint32(9)
      .finish()
    const reader = new WireReader(bytes)
    expect(reader.next()).toBe(true)
    const outer = reader.enter()
    expect([reader.next(), reader.no, reader.uint32(), reader.next()]).toEqual([true, 1, 5, false])
    reader.leave(outer)
    expect(reader.uint32()).toBe(9)
  })

  test('nothing is read beyond the end of the message inside', () => {
    // A message of 2 bytes whose text claims 3, followed by enough bytes.
    const reader = new WireReader(Uint8Array.of(0x12, 0x02, 0x0a, 0x03, 0x61, 0x62, 0x63))
    reader.next()
    reader.enter()
    reader.next()
    expect(() => reader.text()).toThrow('3 bytes are announced, 0 are left')
  })

  test.each([
    ['a number without an end', [0x80], 'ends within a number'],
    ['a number of eleven bytes', new Array(11).fill(0x80), 'a number of more than ten bytes'],
    ['field 0', [0x00], 'tag 0 is of no field'],
    ['wire type 6', [0x0e], 'tag 14 is of no field'],
    ['a tag of more than 32 bits', [0x88, 0x80, 0x80, 0x80, 0x10, 0x01], 'is of no field'],
    ['a group that does not end', [0x0b, 0x0b], 'a group 1 does not end'],
    ['a group that another ends', [0x0b, 0x14], 'a group 2 ends that did not begin'],
  ])('%s is refused', (_, bytes, why) => {
    const reader = new WireReader(Uint8Array.from(bytes))
    expect(() => {
      while (reader.next()) reader.skip(reader.wire, reader.no)
    }).toThrow(why)
  })

  test('a group is passed over with all that it holds, however deep', () => {
    const depth = 100_000
    const bytes = Uint8Array.from([...new Array(depth).fill(0x0b), ...new Array(depth).fill(0x0c), 0x10, 0x2a])
    const reader = new WireReader(bytes)
    reader.next()
    reader.skip(reader.wire, reader.no)
    expect([reader.next(), reader.no, reader.uint32()]).toEqual([true, 2, 42])
  })
})
