import { newId } from '#libs/kernel';
import type { RouteExamples } from '../example.js';
import type { Things } from '../things.js';

/** A secret as the table keeps it; nothing opens it here. */
async function secret({ admin, tenant }: Things): Promise<string> {
  const name = `s-${newId()}`;
  const sealed = { key_id: 'local:1', wrapped_key: Buffer.alloc(60), ciphertext: Buffer.alloc(40) };
  const row = { tenant_id: tenant, name, version: 1, id: newId(), set_by: `somebody@${tenant}`, ...sealed };
  await admin.insertInto('secrets').values(row).execute();
  return name;
}

export const secretExamples: RouteExamples = {
  decodePayloads: () => ({ body: { payloads: [] } }),
  listSecrets: async (things) => {
    await secret(things);
    return {};
  },
  putSecret: async (things) => ({ path: { name: await secret(things) }, body: { value: 'another value' } }),
  deleteSecret: async (things) => ({ path: { name: await secret(things) } }),
};
