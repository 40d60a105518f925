import { Decrypter } from 'age-encryption';

const BLOCK = 512;

/** The files of a tar archive, by name. */
export function readTar(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; bytes[at] !== 0;) {
    const text = (from: number, to: number): string => bytes.subarray(at + from, at + to).toString();
    const size = parseInt(text(124, 135), 8);
    files.set(text(0, 100).replace(/\0+$/, ''), bytes.subarray(at + BLOCK, at + BLOCK + size));
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** A file as whoever has the receiver's key reads it. */
export function decryptFor(identity: string, file: Buffer): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(file, 'text');
}
