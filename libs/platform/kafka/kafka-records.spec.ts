import { describe, expect, it } from '@jest/globals';
import { decodeHeaders } from './kafka-batch.js';
import { chunksOf } from './kafka-producer.js';

describe('decodeHeaders', () => {
  it('gives text', () => {
    expect(decodeHeaders({ a: Buffer.from('Köln'), b: 'x' })).toEqual({
      headers: { a: 'Köln', b: 'x' },
      undecodable: {},
    });
  });

  it('keeps the bytes of what is no UTF-8', () => {
    const bytes = Buffer.from([0x61, 0xff]);
    expect(decodeHeaders({ a: bytes })).toEqual({ headers: { a: 'a\ufffd' }, undecodable: { a: bytes } });
  });

  it('joins a header that was given twice', () => {
    expect(decodeHeaders({ a: [Buffer.from('1'), Buffer.from('2')] }).headers).toEqual({ a: '1, 2' });
  });
});

describe('chunksOf', () => {
  const record = (bytes: number, key: string) => ({ topic: 't', key, headers: {}, value: Buffer.alloc(bytes) });

  it('splits by size and keeps the order', () => {
    const chunks = chunksOf([record(400, 'a'), record(400, 'b'), record(400, 'c')], 1_000);
    expect(chunks.map((chunk) => chunk.map(({ key }) => key))).toEqual([['a', 'b'], ['c']]);
  });

  it('gives a record over the limit a chunk of its own, and none for nothing', () => {
    expect(
      chunksOf([record(10, 'a'), record(5_000, 'b'), record(10, 'c')], 1_000).map((chunk) => chunk.length),
    ).toEqual([1, 1, 1]);
    expect(chunksOf([], 1_000)).toEqual([]);
  });
});
