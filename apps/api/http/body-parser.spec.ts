import { describe, expect, it } from '@jest/globals';
import { parseBody } from './body-parser.js';

const parse = (text: string) => parseBody(Buffer.from(text));

describe('a body', () => {
  it('is read as JSON in UTF-8, with or without a byte order mark', () => {
    expect(parse('{"user":"Jörg"}')).toEqual({ user: 'Jörg' });
    expect(parse('\ufeff{"user":"Jörg"}')).toEqual({ user: 'Jörg' });
  });

  it('may be absent', () => {
    expect(parse('')).toBeUndefined();
  });

  it('may name prototypes in a value, not in a field', () => {
    expect(parse('{"user":"__proto__"}')).toEqual({ user: '__proto__' });
    expect(() => parse('[[{"prototype":1}]]')).toThrow(expect.objectContaining({ code: 'http.prototype_key' }));
  });

  it('may hold 20,000 fields and entries in all, however they are nested', () => {
    const list = (entries: number) => `[${Array.from({ length: entries }, () => '[]').join(',')}]`;
    expect(parse(list(20_000))).toHaveLength(20_000);
    expect(() => parse(list(20_001))).toThrow(expect.objectContaining({ code: 'http.body_too_large' }));
    const fields = Array.from({ length: 20_001 }, (_, n) => `"f${n}":1`).join(',');
    expect(() => parse(`{"a":{${fields}}}`)).toThrow(expect.objectContaining({ code: 'http.body_too_large' }));
  });

  it('may be nested 32 levels deep', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(parse(nested(32))).toBeDefined();
    expect(() => parse(nested(33))).toThrow(expect.objectContaining({ code: 'http.body_too_deep' }));
  });
});
