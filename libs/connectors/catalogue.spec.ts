import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { blocks, httpCall, ldapUserSetAttributes, mailSend, validateInput } from './index.js';

const ajv = formats.default(new Ajv2020({ strict: true, allowUnionTypes: true }));

describe('the catalogue', () => {
  it.each([...blocks.values()])('$name says what it is in both languages and why a repeat is harmless', (block) => {
    expect(block.name).toMatch(/^(ldap|mail|http|manual|password|portal)(\.[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
    expect(block.title.en).toMatch(/^[A-Z]/);
    expect(block.title.de).not.toBe(block.title.en);
    expect(block.credentials.length).toBeGreaterThan(0);
    expect(block.repeatIsHarmless).toMatch(/\.$/);
  });

  it.each([...blocks.values()])('$name has schemas that compile and refuse what is not theirs', (block) => {
    expect(() => ajv.compile(block.outputSchema)).not.toThrow();
    expect(() => ajv.compile(block.inputSchema)).not.toThrow();
    expect(() => validateInput(block, {})).toThrow(expect.objectContaining({ code: 'block.input_invalid' }));
    expect(() => validateInput(block, { user: 'a', nonsense: true })).toThrow();
  });

  it('tells every field at fault', () => {
    const input = { to: ['not an address'], subject: '', colour: 'red' };
    expect(() => validateInput(mailSend, input)).toThrow(
      expect.objectContaining({
        errors: expect.arrayContaining([
          expect.objectContaining({ path: 'text', code: 'required' }),
          expect.objectContaining({ path: 'colour', code: 'additionalProperties' }),
          expect.objectContaining({ path: 'to.0', code: 'pattern' }),
          expect.objectContaining({ path: 'subject', code: 'minLength' }),
        ]),
      }),
    );
  });

  it('takes what the processes send', () => {
    const attributes = { telephoneNumber: null, title: ['Größe'] };
    expect(() => validateInput(ldapUserSetAttributes, { user: 'änne, (müller)', attributes })).not.toThrow();
    expect(() =>
      validateInput(httpCall, { url: 'https://a.example/x', method: 'POST', body: { a: [1] } }),
    ).not.toThrow();
    expect(() => validateInput(httpCall, { url: 'ftp://a.example', method: 'POST' })).toThrow();
  });
});
