import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fresh, startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { localIn } from '../../support/api/dates.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture?.stop());

const ADMIN = { as: 'muster/customer_admin' } as const;
const save = (body: unknown) => fixture.call('PUT', '/v1/templates/onboarding', { ...ADMIN, body });
const show = (query = '') => fixture.call('GET', `/v1/templates/onboarding${query}`, { as: 'muster/auditor' });
const joiner = { type: 'onboarding', givenName: 'Jana', surname: 'Keller', firstDayAt: localIn(9) };
const submit = async (body: object) => {
  const answer = await fixture.call('POST', '/v1/requests', { as: 'muster/requester', body, headers: fresh() });
  return (await fixture.call('GET', `/v1/requests/${answer.body.id}`, { as: 'muster/auditor' })).body;
};

describe('a customer’s template', () => {
  it('is empty at first, and each saving is a version that stays', async () => {
    expect((await show()).body).toMatchObject({ version: 0, template: {} });
    const first = { formats: { userName: 'f.last' }, fields: { passwordTo: { default: 'hr@muster.example' } } };
    const second = { ...first, formats: { userName: 'flast', mailDomain: 'muster.example' } };
    expect((await save(first)).body).toMatchObject({ version: 1, template: first, createdBy: 'customer_admin@muster' });
    const before = await submit(joiner);
    expect((await save(second)).body.version).toBe(2);
    expect((await show()).body).toMatchObject({ version: 2, template: second });
    expect((await show('?version=1')).body).toMatchObject({ version: 1, template: first });
    // a request keeps the version that it was drawn from
    const after = await submit(joiner);
    expect([before, after].map(({ user, templateVersion }) => [user, templateVersion])).toEqual([
      ['j.keller', 1],
      ['jkeller', 2],
    ]);
    expect((await fixture.call('GET', `/v1/requests/${before.id}`, ADMIN)).body.templateVersion).toBe(1);
    expect(after.body).toMatchObject({ domain: 'muster.example', passwordTo: 'hr@muster.example' });
  });

  it('is the customer’s own, and the MSP’s to rule where it names the customer', async () => {
    const headers = { 'stellwerk-tenant': 'nordlicht' };
    const put = { as: 'msp/operator' as const, headers, body: { formats: { userName: 'firstl' } } };
    expect((await fixture.call('PUT', '/v1/templates/onboarding', put)).body).toMatchObject({ version: 1 });
    expect((await show()).body.template).not.toEqual(put.body);
    const saved = await Promise.all([1, 2, 3].map(() => fixture.call('PUT', '/v1/templates/onboarding', put)));
    expect(saved.map((answer) => answer.body.version).sort()).toEqual([2, 3, 4]);
  });

  it('has a schema that is served', async () => {
    const { body } = await fixture.call('GET', '/v1/templates/offboarding/schema', { as: 'muster/auditor' });
    expect(body).toMatchObject({ type: 'object', additionalProperties: false, title: 'Template of offboarding' });
    expect(Object.keys(body.properties.steps.properties)).toContain('disable_sign_in');
  });
});
