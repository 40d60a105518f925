import { describe, expect, it } from '@jest/globals';
import { valueText } from './certificate.parts.js';
import { CERTIFICATE_TEXTS } from './certificate.texts.js';

const text = (value: Parameters<typeof valueText>[0]): string => valueText(value, CERTIFICATE_TEXTS.en);

describe('a value on the page of a certificate', () => {
  it('is read by people: words, lists and fields', () => {
    expect([text(null), text(''), text([]), text({}), text(true), text(3), text('x')]).toEqual([
      '–',
      '–',
      '–',
      '–',
      'yes',
      '3',
      'x',
    ]);
    expect(text(['a', false])).toBe('a, no');
    expect(text({ title: 'Dr.', manager: null, phones: ['1', '2'] })).toBe('title: Dr.; phones: 1, 2');
  });

  it('is cut where a list is long, and says by how much', () => {
    const names = Array.from({ length: 15 }, (_, index) => `n${index}`);
    expect(text(names)).toBe(`${names.slice(0, 12).join(', ')} … (+3)`);
  });
});
