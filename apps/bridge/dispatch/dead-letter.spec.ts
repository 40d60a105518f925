import { describe, expect, it } from '@jest/globals';
import { storableHeaders } from './dead-letter.store.js';

describe('storableHeaders', () => {
  it('keeps plain headers as they are', () => {
    expect(storableHeaders({ headers: { ce_type: 'Köln ✓' }, undecodable: {} })).toEqual({ ce_type: 'Köln ✓' });
  });

  it('keeps the bytes of what PostgreSQL would refuse', () => {
    const headers = { ce_id: 'a\0b', ce_source: '\ufffd' };
    expect(storableHeaders({ headers, undecodable: { ce_source: Buffer.from([0x80]) } })).toEqual({
      ce_id: 'a\ufffdb',
      'ce_id;base64': Buffer.from('a\0b').toString('base64'),
      ce_source: '\ufffd',
      'ce_source;base64': 'gA==',
    });
  });
});
