import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalJson, newId } from '#libs/kernel';
import { json } from '#libs/platform/database';
import { startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { hashOf, LOCKED, RequestFactory } from '../../support/api/request.factory.js';

let fixture: ApiFixture;
const dir = mkdtempSync(join(tmpdir(), 'stellwerk-certificates-'));
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await fixture.stop();
});

const ENDED = new Date('2026-10-25T01:30:00.000Z');
const get = (path: string, headers: Record<string, string> = {}) =>
  fixture.call('GET', path, { as: 'muster/auditor', headers });

interface Line {
  readonly kind: string;
  readonly who?: string;
  readonly data?: object;
}

/** A run that has ended, with its decision and history. */
async function endedRun(lines: readonly Line[] = []): Promise<{ runId: string; requestId: string }> {
  const { admin } = fixture.database;
  const { id: requestId, runId } = await RequestFactory.of('muster')
    .with({ subject: 'eva <b>beck</b>' })
    .inStatus('closed')
    .withRun('completed_with_errors')
    .wrote('disable_sign_in', LOCKED)
    .in(admin);
  const decision = { decision: 'approve' as const, decided_by: 'approver@muster', reason: 'Passt.' };
  const place = { tenant_id: 'muster', request_id: requestId, id: newId(), revision: 1, plan_hash: hashOf('plan') };
  await admin
    .insertInto('decisions')
    .values({ ...place, ...decision })
    .execute();
  await admin.updateTable('runs').set({ ended_at: ENDED }).where('id', '=', runId).execute();
  await admin
    .updateTable('run_steps')
    .set({ evidence: json({ by: 'read-back', server: 'ldaps://directory' }), late: true })
    .where('run_id', '=', runId)
    .execute();
  await addLines(runId, [
    { kind: 'requested', who: 'requester@muster' },
    { kind: 'act_skip', who: 'operator@msp', data: { reason: 'Liegt beim Vermieter.' } },
    ...lines,
    { kind: 'run_ended', data: { outcome: 'completed_with_errors' } },
  ]);
  return { runId, requestId };
}

async function addLines(runId: string, lines: readonly Line[], after = 0): Promise<void> {
  const rows = lines.map(({ kind, who = 'stellwerk', data = {} }, index) => ({
    tenant_id: 'muster',
    run_id: runId,
    seq: after + index + 1,
    kind,
    who,
    data: json(data),
    step_id: null,
    attempt: null,
    seconds: null,
  }));
  await fixture.database.admin.insertInto('run_timeline').values(rows).execute();
}

describe('a certificate', () => {
  it('tells what was asked, approved, done and proven, when and by whom', async () => {
    const { runId, requestId } = await endedRun();
    const answer = await get(`/v1/runs/${runId}/certificate`);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.body).toMatchObject({
      format: 'stellwerk.run-certificate.v1',
      run: { id: runId, tenant: 'muster', outcome: 'completed_with_errors', endedAt: ENDED.toISOString() },
      asked: { requestId, by: 'requester@muster', body: { user: 'eva.beck', steps: ['disable_sign_in'] } },
      decided: [
        { revision: 1, planHash: hashOf('plan'), decision: 'approve', by: 'approver@muster', reason: 'Passt.' },
      ],
      steps: [
        {
          id: 'disable_sign_in',
          outcome: 'succeeded',
          late: true,
          found: [{ key: 'uid=eva#shadowexpire', target: 'uid=eva', field: 'shadowExpire', value: null }],
          readBack: [{ key: 'uid=eva#shadowexpire', target: 'uid=eva', field: 'shadowExpire', value: '1' }],
          evidence: { by: 'read-back' },
        },
      ],
    });
    expect(answer.body.timeline.map((line: Line) => [line.kind, line.who])).toEqual([
      ['requested', 'requester@muster'],
      ['act_skip', 'operator@msp'],
      ['run_ended', 'stellwerk'],
    ]);
    expect(answer.text).toBe(canonicalJson(answer.body));
  });

  it('has the same bytes and the same signature for the same run, whatever is noted after its end', async () => {
    const { runId } = await endedRun();
    const read = async () => [
      (await get(`/v1/runs/${runId}/certificate`)).text,
      (await get(`/v1/runs/${runId}/certificate/signature`)).text,
    ];
    const first = await read();
    await addLines(runId, [{ kind: 'password_collected' }, { kind: 'signal_after_end' }], 10);
    expect(await read()).toEqual(first);
  });

  it('tells the whole history of a run that was reworked, to its last end', async () => {
    const rework = [{ kind: 'run_ended' }, { kind: 'act_retry', who: 'operator@msp' }, { kind: 'step_tried_again' }];
    const { runId } = await endedRun(rework);
    await addLines(runId, [{ kind: 'password_collected' }], 6);
    const { body } = await get(`/v1/runs/${runId}/certificate`);
    const kinds = body.timeline.map((entry: { kind: string }) => entry.kind);
    expect(kinds.slice(2)).toEqual(['run_ended', 'act_retry', 'step_tried_again', 'run_ended']);
  });

  it('is proven by its signature and the published keys; a changed byte is found', async () => {
    const { runId } = await endedRun();
    const { text } = await get(`/v1/runs/${runId}/certificate`);
    const signature = await get(`/v1/runs/${runId}/certificate/signature`);
    const keys = await fixture.call('GET', '/v1/signing-keys');
    expect(signature.headers.get('content-type')).toMatch(/^application\/jose/);
    expect(keys.body).toMatchObject({ keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' }] });
    expect(keys.text).not.toContain('"d"');
    const verify = (certificate: string): number | null => {
      const files = { 'certificate.json': certificate, 'signature.jws': signature.text, 'keys.jwks': keys.text };
      for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
      const paths = Object.keys(files).map((name) => join(dir, name));
      return spawnSync(process.execPath, ['tools/verify-certificate/main.mjs', ...paths]).status;
    };
    expect(verify(text)).toBe(0);
    expect(verify(text.replace('Passt.', 'Passt!'))).toBe(1);
  });
});

describe('its page', () => {
  it('is in German or English, as asked for, with the times of the customer', async () => {
    const { runId } = await endedRun();
    const path = `/v1/runs/${runId}/certificate/page`;
    const german = await get(path, { 'accept-language': 'de-AT,en;q=0.5' });
    expect(german.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(german.text).toContain('<html lang="de">');
    // the clock shows this hour twice: the zone’s name tells which
    expect(german.text).toContain('25.10.2026, 02:30:00 MEZ');
    expect(german.text).toContain('Eingriff: Schritt übersprungen');
    expect(german.text).toContain('Anmeldung sperren');
    const english = await get(`${path}?lang=en`, { 'accept-language': 'de' });
    expect(english.text).toContain('<html lang="en">');
    expect(english.text).toContain('Completion certificate');
  });

  it('puts what was read back beside what was approved, although its object was moved meanwhile', async () => {
    const { runId } = await endedRun();
    const identity = { id: 'eva', name: 'uid=eva,ou=leavers' };
    const effect = { identity, changes: [{ ...LOCKED, target: identity.name }], irreversible: null };
    const steps = [{ id: 'disable_sign_in', effect }];
    await fixture.database.admin
      .updateTable('runs')
      .set({ plan: json({ steps }) })
      .where('id', '=', runId)
      .execute();
    const { text } = await get(`/v1/runs/${runId}/certificate/page?lang=de`);
    expect(text.match(/<td class="name">shadowExpire<\/td>\n<td>–<\/td><td>1<\/td><td>1<\/td>/g)).toHaveLength(1);
    expect(text.match(/shadowExpire/g)).toHaveLength(1);
  });

  it('can be printed in black and white, runs no script and puts nothing into the page unescaped', async () => {
    const { runId } = await endedRun();
    const { text, headers } = await get(`/v1/runs/${runId}/certificate/page?lang=de`);
    expect(text).toMatch(/@page\{size:A4/);
    expect(text).toMatch(/aria-hidden="true">⚠<\/span> mit Fehlern ausgeführt/);
    expect(text).toMatch(/aria-hidden="true">✔<\/span> ausgeführt und nachgewiesen/);
    expect(text).toContain('⚠ verspätet begonnen');
    expect(text).not.toMatch(/<script|<b>beck/);
    expect(text).toContain('eva &#60;b&#62;beck');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(headers.get('cache-control')).toBe('no-store');
  });
});
