/** Zips as anybody could write them, also such as no program would (APPNOTE.TXT §4.3): for tests of what takes them in. */
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipPart = Readonly<{
  name: string;
  bytes: Buffer | string;
  /** Of the file on a Unix machine, such as 0o120777 for a symbolic link. */
  mode?: number;
  /** What its entry says, whatever is true. */
  saysSize?: number;
  packed?: boolean;
  flags?: number;
}>;

export function zipOf(parts: readonly ZipPart[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, mode = 0o100644, saysSize, packed = true, flags = 0 } of parts) {
    const plain = Buffer.from(bytes);
    const body = packed ? deflateRawSync(plain) : plain;
    const path = Buffer.from(name);
    const about = Buffer.alloc(26);
    [20, flags | 0x800, packed ? 8 : 0, 0, 0].forEach((value, index) => about.writeUInt16LE(value, index * 2));
    about.writeUInt32LE(crc32(plain), 10);
    about.writeUInt32LE(body.length, 14);
    about.writeUInt32LE(saysSize ?? plain.length, 18);
    about.writeUInt16LE(path.length, 22);
    bodies.push(Buffer.from('504b0304', 'hex'), about, path, body);
    const entry = Buffer.alloc(46);
    entry.write('504b0102', 0, 'hex');
    // made on a Unix machine: the mode is in the high half of the attributes
    entry.writeUInt16LE((3 << 8) | 20, 4);
    about.copy(entry, 6);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, path);
    at += 30 + path.length + body.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('504b0506', 0, 'hex');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, listed, end]);
}
