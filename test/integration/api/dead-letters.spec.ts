import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { json } from '#libs/platform/database';
import { startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { deadLetter } from '../../support/api/request.factory.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture.stop());

const list = async (query = '') =>
  (await fixture.call('GET', `/v1/dead-letters?${query}`, { as: 'msp/operator' })).body.items;
const replay = (id: string, tenant?: string) =>
  fixture.call('POST', `/v1/dead-letters/${id}/replay`, {
    as: 'msp/operator',
    headers: tenant === undefined ? {} : { 'stellwerk-tenant': tenant },
  });
const sentFor = (key: string) =>
  fixture.database.admin.selectFrom('outbox').selectAll().where('key', '=', key).execute();

describe('dead letters', () => {
  it('shows bytes, headers, code and reason, and large values by their first 4 KB', async () => {
    const value = Buffer.alloc(6000, 0xff);
    const id = await deadLetter(fixture.database.admin, 'muster', { value });
    const [letter] = await list('tenant=muster&limit=1');
    expect(letter).toMatchObject({
      id,
      tenant: 'muster',
      code: 'event.malformed',
      valueBytes: 6000,
      replayedAt: null,
      headers: { ce_sequence: '7' },
    });
    expect(Buffer.from(letter.value, 'base64')).toEqual(value.subarray(0, 4096));
    const [full] = await list('tenant=muster&limit=1&full=true');
    expect(Buffer.from(full.value, 'base64')).toEqual(value);
  });

  it('replays a letter once, with its bytes, headers and key as they were', async () => {
    const headers = { ce_id: newId(), ce_sequence: '7', other: 'x' };
    const key = `muster/request/${newId()}`;
    const value = Buffer.from([0, 1, 2, 0xff]);
    const id = await deadLetter(fixture.database.admin, 'muster', {
      key: Buffer.from(key),
      value,
      headers: json(headers),
    });
    const answers = await Promise.all([replay(id, 'muster'), replay(id, 'muster')]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, 409]);
    const sent = await sentFor(key);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      topic: 'stellwerk.request.v1',
      event_id: headers.ce_id,
      headers,
      sent_at: null,
      tenant_id: 'muster',
    });
    expect(sent[0]!.value).toEqual(value);
    const shown = (await list('tenant=muster')).find((letter: { id: string }) => letter.id === id);
    expect(shown).toMatchObject({ replayedBy: 'operator@msp', replayedAt: expect.any(String) });
  });

  it('takes the customer from the letter when none is named', async () => {
    const id = await deadLetter(fixture.database.admin, 'nordlicht');
    expect(await replay(id, 'muster')).toMatchObject({ status: 404, body: { code: 'dead_letter.not_found' } });
    expect((await replay(id)).status).toBe(202);
    expect(await sentFor(`nordlicht/request/${id}`)).toMatchObject([{ tenant_id: 'nordlicht' }]);
    expect(await replay(id)).toMatchObject({ status: 409, body: { code: 'dead_letter.already_replayed' } });
  });

  it('replays a letter whose tenant, key and value nobody can tell as the MSP’s own', async () => {
    const id = await deadLetter(fixture.database.admin, 'msp', { key: null, value: null, headers: json({}) });
    expect((await replay(id, 'msp')).status).toBe(202);
    const [sent] = await sentFor(`msp/dead-letter/${id}`);
    expect(sent).toMatchObject({ event_id: id, headers: {} });
    expect(sent!.value).toHaveLength(0);
  });
});
