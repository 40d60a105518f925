import { describe, expect, it } from '@jest/globals';
import { Html, markup, preferredLanguage } from './html.js';

describe('a piece of a page', () => {
  it('escapes whatever is put into it, pieces apart', () => {
    const name = `<script>alert("x")</script> & 'co'`;
    expect(markup`<p title="${name}">${name}</p>`.text).not.toMatch(/<script|"x"|'co'/);
    expect(markup`<p>${[markup`<b>${1}</b>`, new Html('<i>')]}${null}</p>`.text).toBe('<p><b>1</b><i></p>');
  });
});

describe('the language of a page', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,en;q=0.8', 'de'],
    ['en;q=0.4, DE;q=0.9', 'de'],
    ['fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7', 'en'],
    ['de;q=0, en', 'en'],
    ['tlh, *', 'en'],
    ['de;q=nonsense', 'de'],
  ])('for Accept-Language %p is %p', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });
});
