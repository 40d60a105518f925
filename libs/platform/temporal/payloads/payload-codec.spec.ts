import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import type { PayloadKeys } from '../../secrets/index.js';
import { tenantOf, TenantPayloadCodec } from './payload-codec.js';

const keys = new Map<string, Buffer>();
const keyOf = (tenant: string, version: number) => {
  const bytes = keys.get(`${tenant}/${version}`) ?? randomBytes(32);
  keys.set(`${tenant}/${version}`, bytes);
  return { tenant, version, bytes };
};
const codec = new TenantPayloadCodec({
  current: (tenant: string) => keyOf(tenant, 2),
  find: keyOf,
} as unknown as PayloadKeys);

const PLANTED = 'Entlassung zum Quartalsende';
const plain = defaultPayloadConverter.toPayload({ reason: PLANTED });
const at = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'stellwerk', workflowId });
const muster = at('muster/offboarding/01975d1c-7a00-7000-8000-000000000003');
const text = (payload: Payload): string =>
  Object.values({ ...payload.metadata, data: payload.data! })
    .map((bytes) => Buffer.from(bytes).toString('latin1'))
    .join(' ');

describe('a payload', () => {
  it('is encrypted by its workflow’s tenant, metadata included, and never twice the same', async () => {
    const [one] = await codec.encode([plain], muster);
    const [other] = await codec.encode([plain], muster);
    expect(text(one!)).toContain('muster/2');
    expect(text(one!)).not.toContain('Entlassung');
    expect(text(one!)).not.toContain('json/plain');
    expect(one!.data).not.toEqual(other!.data);
    const [back] = await codec.decode([one!], muster);
    expect(defaultPayloadConverter.fromPayload(back!)).toEqual({ reason: PLANTED });
  });

  it('of an activity is its workflow’s; without a workflow it is the engine’s', async () => {
    const activity = { type: 'activity', namespace: 'x', workflowId: 'nordlicht/mover/1', isLocal: true } as const;
    expect(text((await codec.encode([plain], activity))[0]!)).toContain('nordlicht/2');
    expect(text((await codec.encode([plain]))[0]!)).toContain('stellwerk/2');
    expect(tenantOf('stellwerk/reconcile/queue')).toBe('stellwerk');
    expect(['x', '/x', 'Muster/x', '../x/y', undefined].map(tenantOf)).toEqual(Array(5).fill('stellwerk'));
  });

  it('copied into another tenant’s workflow is not opened', async () => {
    const [copied] = await codec.encode([plain], muster);
    await expect(codec.decode([copied!], at('nordlicht/mover/1'))).rejects.toMatchObject({ code: 'payload.invalid' });
    const renamed = { ...copied!, metadata: { ...copied!.metadata, 'stellwerk-key': Buffer.from('nordlicht/2') } };
    await expect(codec.decode([renamed], at('nordlicht/mover/1'))).rejects.toMatchObject({ code: 'payload.invalid' });
    const moved = { ...copied!, metadata: { ...copied!.metadata, 'stellwerk-workflow': Buffer.from('muster/x/y') } };
    await expect(codec.decode([moved], muster)).rejects.toMatchObject({ code: 'payload.invalid' });
  });

  it.each(['', 'muster', 'muster/0', 'muster/1/2', '../1', 'muster/99999999999'])(
    'that names the key %p is not opened',
    async (key) => {
      const [sealed] = await codec.encode([plain], muster);
      const forged = { ...sealed!, metadata: { ...sealed!.metadata, 'stellwerk-key': Buffer.from(key) } };
      await expect(codec.decode([forged], muster)).rejects.toMatchObject({ code: 'payload.invalid' });
    },
  );

  it('with a bit changed, or cut, is not opened', async () => {
    const [sealed] = await codec.encode([plain], muster);
    const changed = Buffer.from(sealed!.data!);
    changed[changed.length - 1]! ^= 1;
    for (const data of [changed, sealed!.data!.subarray(0, 20), Buffer.alloc(0)])
      await expect(codec.decode([{ ...sealed!, data }], muster)).rejects.toMatchObject({ code: 'payload.invalid' });
  });

  it('from before there were keys passes as it is', async () => {
    expect(await codec.decode([plain], muster)).toEqual([plain]);
    const nothing = defaultPayloadConverter.toPayload(undefined);
    const [sealed] = await codec.encode([nothing], muster);
    expect(defaultPayloadConverter.fromPayload((await codec.decode([sealed!], muster))[0]!)).toBeUndefined();
  });
});
