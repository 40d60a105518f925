import { describe, expect, it } from '@jest/globals';
import { confidentialityOf, withoutNames } from './confidential.model.js';

const STARTS = '2027-01-29T16:00:00.000Z';
const NOW = new Date('2027-01-20T08:00:00Z');

describe('confidentiality', () => {
  it('ends with the lock-out unless another instant is given', () => {
    expect(confidentialityOf({ technicians: ['Tech@msp', 'tech@msp'] }, STARTS, NOW)).toEqual({
      until: STARTS,
      untilStart: true,
      confidants: ['tech@msp'],
    });
    expect(confidentialityOf({ until: '2027-02-01T00:00:00+01:00' }, STARTS, NOW)).toMatchObject({
      until: '2027-01-31T23:00:00.000Z',
      untilStart: false,
    });
  });

  it('is refused when it is over already or lasts for ever', () => {
    const until = (text: string) => () => confidentialityOf({ until: text }, STARTS, NOW);
    expect(until('2027-01-20T08:00:00Z')).toThrow(expect.objectContaining({ code: 'request.confidential_until_past' }));
    expect(until('2029-01-20T08:00:00Z')).toThrow(
      expect.objectContaining({ code: 'request.confidential_until_too_far' }),
    );
  });
});

describe('what is told of a confidential request', () => {
  const request = { id: 'r-1', startsAt: STARTS, confidentialUntil: '2027-02-10T00:00:00.000Z' };
  const mail = {
    block: 'mail.send',
    notBefore: null,
    input: { to: ['it@muster.example'], subject: 'Off-boarding of eva', text: 'eva', html: '<p>eva</p>' },
  };

  it('before its end is its id and no name', () => {
    const told = withoutNames(mail, request);
    expect(told.input['to']).toEqual(mail.input.to);
    expect(JSON.stringify(told)).toContain('r-1');
    expect(JSON.stringify(told)).not.toContain('eva');
    const call = {
      block: 'http.call',
      notBefore: null,
      input: { url: 'https://hooks.example/x', body: { user: 'eva' } },
    };
    expect(withoutNames(call, request).input).toEqual({
      url: call.input.url,
      body: { event: 'run.ran', requestId: 'r-1' },
    });
  });

  it('names nobody to whoever collects a password, either', () => {
    const input = { ofStep: 'new_password', to: ['boss@muster.example'], userName: 'eva', language: 'de' };
    const told = withoutNames({ block: 'password.hand-over', notBefore: null, input }, request);
    expect(told.input).toEqual({ ...input, userName: 'Request r-1' });
  });

  it('after its end is everything', () => {
    expect(withoutNames({ ...mail, notBefore: '2027-02-10T00:00:00.000Z' }, request).input).toEqual(mail.input);
    expect(withoutNames(mail, { ...request, confidentialUntil: STARTS })).toBe(mail);
    expect(withoutNames(mail, { ...request, confidentialUntil: null })).toBe(mail);
  });
});
