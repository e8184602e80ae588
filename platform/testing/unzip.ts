/** The slow twin of what writes ZIP. Reads the list at the end, as programs do, and believes nothing that does not fit. */
import assert from 'node:assert/strict';
import { crc32, inflateRawSync } from 'node:zlib';

export function unzip(zip: Buffer): Map<string, Buffer> {
  const end = zip.length - 22;
  assert.equal(zip.readUInt32LE(end), 0x06054b50);
  let [count, at] = [zip.readUInt16LE(end + 10), zip.readUInt32LE(end + 16)];
  if (count === 0xffff) {
    const large = Number(zip.readBigUInt64LE(end - 20 + 8));
    assert.deepEqual([zip.readUInt32LE(end - 20), zip.readUInt32LE(large)], [0x07064b50, 0x06064b50]);
    [count, at] = [Number(zip.readBigUInt64LE(large + 32)), Number(zip.readBigUInt64LE(large + 48))];
  }
  const found = new Map<string, Buffer>();
  for (let n = 0; n < count; n += 1) {
    assert.equal(zip.readUInt32LE(at), 0x02014b50);
    const [sum, packed, size, offset] = [16, 20, 24, 42].map((from) => zip.readUInt32LE(at + from)) as [number, number, number, number]; // prettier-ignore
    const [nameBytes, extraBytes] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30)];
    const name = zip.subarray(at + 46, at + 46 + nameBytes);
    assert.equal(zip.readUInt32LE(offset), 0x04034b50);
    assert.deepEqual(zip.subarray(offset + 30, offset + 30 + nameBytes), name);
    const begin = offset + 30 + nameBytes;
    const content = inflateRawSync(zip.subarray(begin, begin + packed));
    assert.deepEqual([crc32(content), content.length], [sum, size]);
    assert.ok(!found.has(String(name)), 'no two of one name');
    found.set(String(name), content);
    at += 46 + nameBytes + extraBytes;
  }
  return found;
}
